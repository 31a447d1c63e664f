"""The fused kernel as Python calls it: how a run lies in memory (`kernels.contracts.training`)."""

import numpy as np

from superposition.base import portable_math
from superposition.config.derived import samples_per_step
from superposition.config.models import MODELS
from superposition.config.settings import Cell, ModelSettings, TrainingSettings
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.activations import CODES
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.contracts.philox import BLOCK
from superposition.kernels.contracts.training import (
    TILE,
    Attack,
    Recipe,
    Shape,
    Tile,
    Training,
    padded,
)
from superposition.sampling.attacks import mean_input_norm
from superposition.sampling.distribution import tabulate
from superposition.sampling.schedule import Stage

train_steps = EntryPoint(Training, "training.train")
"""Train one run for the steps that its record names, in place."""


def shape_of(settings: ModelSettings) -> Shape:
    """The sizes of a model and the layout of its parameters."""
    n, m = len(settings.importance), settings.n_hidden
    model = MODELS[settings.model]
    matrix = n * padded(m)
    decoder = 0 if model.tied else matrix
    end = padded(decoder + matrix + n)
    return Shape(
        n=n,
        m=m,
        m_padded=padded(m),
        decoder=decoder,
        bias=decoder + matrix,
        hidden_bias=end,
        size=end + padded(m) if model.hidden_bias else end,
        hidden=CODES[model.hidden],
        output=CODES[model.output],
        target=CODES[model.target],
        hidden_biased=model.hidden_bias,
        # Worth it unless many of the lanes would be padding.
        wide=8 * m >= 7 * padded(m),
    )


def learning_rates(settings: TrainingSettings) -> portable_math.Float64:
    """The learning rate of each step, `[steps]`.

    With t / T of training done, the rate is multiplied by 1 (constant), 1 − t/T (linear) or ½ (1 +
    cos(π t/T)) (cosine): the last two fall from the full rate at the first step towards zero at the
    end. Over a warm-up of w steps it rises by 1/w of it at each, and t and T count from there.
    """
    steps, warm_up = settings.steps, settings.warm_up
    done = np.maximum(np.arange(-warm_up, steps - warm_up, dtype=np.float64), 0.0)
    done /= max(steps - warm_up, 1)
    if settings.schedule == "linear":
        factor = 1.0 - done
    elif settings.schedule == "cosine":
        factor = 0.5 * (1.0 + portable_math.cos_of_turns(0.5 * done))
    else:
        factor = np.ones(steps)
    factor[:warm_up] = np.arange(1, warm_up + 1)[:steps] / max(warm_up, 1)
    return settings.learning_rate * factor


def recipe(settings: TrainingSettings) -> Recipe:
    """The optimiser's tables; step t is row t − 1."""
    rates, steps = learning_rates(settings), settings.steps
    decay, decoupled = settings.weight_decay, settings.optimizer == "adamw"
    of_weights = decoupled and (decay < 0 or not settings.decay_biases)
    of_all = decay if decoupled and not of_weights else 0.0
    batch = samples_per_step(settings)
    return Recipe(
        batch=batch,
        blocks=-(-settings.examples // BLOCK),
        penalty=np.float32(settings.activation_penalty / batch),
        step_size=(rates / (1.0 - portable_math.powers(settings.beta1, steps))).astype(np.float32),
        shrink=(1.0 - rates * of_all).astype(np.float32),
        decay=(rates * abs(decay)).astype(np.float32),
        of_weights=of_weights,
        to_unit=decay < 0,
        root=np.sqrt(1.0 - portable_math.powers(settings.beta2, steps)).astype(np.float32),
        coupled_decay=np.float32(0.0 if decoupled else decay),
        rate1=np.float32(1.0 - settings.beta1),
        beta2=np.float32(settings.beta2),
        rate2=np.float32(1.0 - settings.beta2),
        epsilon=np.float32(settings.epsilon),
    )


def at_stage(run: Training, cell: Cell, stage: Stage) -> Training:
    """A run with the samples of a stage; what scales its errors is set in place."""
    n, batch = run.shape.n, stage.batch
    scale = [2.0 * importance / (batch * n) for importance in cell.model.importance]
    run.tile.error_scale[:n] = scale
    penalty = np.float32(cell.training.activation_penalty / batch)
    return run._replace(
        distribution=tabulate(stage.features),
        recipe=run.recipe._replace(batch=batch, penalty=penalty),
    )


def new_tile(shape: Shape, training: TrainingSettings) -> Tile:
    """Scratch for training."""
    samples = TILE * WIDTH
    x = aligned_zeros(samples * shape.n, np.float32)
    return Tile(
        error_scale=aligned_zeros(padded(shape.n), np.float32),
        gradient=aligned_zeros(shape.size, np.float32),
        x=x,
        seen=aligned_zeros(samples * shape.n, np.float32) if training.attack else x,
        g=aligned_zeros(samples * shape.n, np.float32),
        h=aligned_zeros(samples * shape.m_padded, np.float32),
        gh=aligned_zeros(samples * shape.m_padded, np.float32),
        by_sample=aligned_zeros(samples * shape.m_padded, np.float32),
        column=aligned_zeros(samples * shape.n, np.int32),
        feature=aligned_zeros(samples * shape.n, np.int32),
        value=aligned_zeros(samples * shape.n, np.float32),
    )


def attack_length(cell: Cell) -> float:
    """The length of an attack on a sample; 0 if there is none."""
    strength = cell.training.attack
    return strength * mean_input_norm(cell.features) if strength else 0.0


def new_attack(shape: Shape, length: float, workers: int = 1) -> Attack:
    """The tables of attacks of a length, for as many workers (`kernels.workers`)."""
    on = length > 0.0
    wide = padded(shape.n) if on else 0
    chunk = workers * WIDTH * wide
    floats = (shape.m * wide, shape.n * wide, workers * WIDTH, chunk, chunk)
    by_hidden, table, norm, by_sample, by_feature = (aligned_zeros(k, np.float32) for k in floats)
    return Attack(
        on=on,
        length=np.float32(length),
        n_padded=wide,
        by_hidden=by_hidden,
        table=table,
        norm=norm,
        feature=aligned_zeros(TILE * WIDTH, np.int32),
        by_sample=by_sample,
        by_feature=by_feature,
    )
