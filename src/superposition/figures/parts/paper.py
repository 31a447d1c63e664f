"""What was read off the paper's own figures, captions and notebook, to be shown beside ours.

Each file in `superposition/reference` says where it is from.
"""

import json
import math
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.config.derived import density
from superposition.config.settings import Cell
from superposition.measure.elementary import power


class Run(NamedTuple):
    """Features of equal importance, one model at each level of 1/(1 − S), with D* and D_i."""

    places: Float[np.ndarray, " levels"]
    D_star: Float[np.ndarray, " levels"]
    D: Float[np.ndarray, "levels n_features"]


class Regime(NamedTuple):
    """What the paper finds in a range of densities."""

    lowest: float
    highest: float
    monosemantic: int
    features: int
    """Features in neurons of their own or in shared ones."""


def authors_run() -> Run:
    """The run saved in the paper's own notebook: 200 features in 20 dimensions."""
    run = _read("authors_geometry_n200_m20")
    return Run(*(np.array(run[key]) for key in ("inverse_density", "D_star", "D")))


def paper_norms(cell: Cell) -> Float[np.ndarray, " n_features"] | None:
    """The lengths of the features in the paper's figure of this cell; None if it has none.

    The paper shows its linear model once, for any density, and its ReLU output model at seven.
    """
    model, densities = cell.model, set(cell.features.feature_probability)
    decay = model.importance[0] * power(0.7, np.arange(20))
    if (cell.features.n_features, model.n_hidden, len(densities)) != (20, 5, 1):
        return None
    norms = _read("paper_norms_n20").get(model.model)
    if norms is None or not np.allclose(model.importance, decay, atol=0.0):
        return None
    if model.model == "linear":
        return np.array(norms)
    shown = [key for key in norms if math.isclose(float(key), density(cell))]
    return np.array(norms[shown[0]]) if shown else None


def regimes() -> tuple[Regime, ...]:
    """What the paper's captions say of neurons in a privileged basis, from dense to sparse."""
    return tuple(Regime(**regime) for regime in _read("paper_neurons_n10")["regimes"])


def paper_regime(cell: Cell) -> Regime | None:
    """What the paper finds at the density of a cell; None if it says nothing of it."""
    shape = (cell.features.n_features, cell.model.n_hidden, cell.model.model)
    if shape != (10, 5, "relu_hidden"):
        return None
    there = (regime for regime in regimes() if regime.lowest <= density(cell) <= regime.highest)
    return next(there, None)


def _read(name: str) -> Any:
    resource = files("superposition") / "reference" / f"{name}.json"
    return json.loads(resource.read_text(encoding="utf-8"))
