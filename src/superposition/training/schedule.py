"""Learning rates and bias corrections of every step, in exact arithmetic (see `exact`)."""

import numpy as np

from superposition import exact
from superposition.settings import TrainingSettings


def learning_rates(settings: TrainingSettings) -> exact.Float64:
    """Return the learning rate of each step, `[steps]`.

    With t / T of training done, the rate is multiplied by 1 (constant), 1 − t/T (linear) or ½ (1 +
    cos(π t/T)) (cosine): the last two fall from the full rate at the first step towards zero at the
    end.
    """
    steps = settings.steps
    done = np.arange(steps, dtype=np.float64) / max(steps, 1)
    if settings.schedule == "linear":
        factor = 1.0 - done
    elif settings.schedule == "cosine":
        factor = 0.5 * (1.0 + exact.cos_of_turns(0.5 * done))
    else:
        factor = np.ones(steps)
    return settings.learning_rate * factor


def bias_corrections(settings: TrainingSettings) -> tuple[exact.Float64, exact.Float64]:
    """Return Adam's 1 − β₁ᵗ and 1 − β₂ᵗ for t = 1 … steps, each `[steps]`."""
    steps = settings.steps
    return 1.0 - exact.powers(settings.beta1, steps), 1.0 - exact.powers(settings.beta2, steps)
