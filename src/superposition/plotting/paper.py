"""What was read off the paper's own figures, to be shown beside ours."""

import json
import math
from importlib.resources import files
from typing import Literal

import numpy as np
from jaxtyping import Float

from superposition.settings import Cell

_FIGURE = {"n_features": 20, "n_hidden": 5, "importance_decay": 0.7}


def paper_norms(cell: Cell) -> Float[np.ndarray, " n_features"] | None:
    """Return the lengths of the features in the paper's figure of this cell; None if it has none.

    The paper shows its linear model once, for any density, and its ReLU output model at seven.
    """
    model, n_features = cell.model, cell.features.n_features
    shape = {"n_features": n_features, "n_hidden": model.n_hidden}
    decay = model.importance[0] * _FIGURE["importance_decay"] ** np.arange(n_features)
    if shape.items() - _FIGURE.items() or not np.allclose(model.importance, decay, atol=0.0):
        return None
    densities = set(cell.features.feature_probability)
    if len(densities) > 1 or model.model not in ("linear", "relu"):
        return None
    resource = files("superposition") / "reference" / "paper_norms_n20.json"
    norms = json.loads(resource.read_text(encoding="utf-8"))[model.model]
    if model.model == "linear":
        return np.array(norms)
    shown = [key for key in norms if math.isclose(float(key), min(densities))]
    return np.array(norms[shown[0]]) if shown else None


def paper_boundary(
    panel: Literal["theory", "experiment"],
) -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]]:
    """Return the boundary of superposition in the paper's phase diagram of n = 2, m = 1.

    Returns:
        Relative importances of the second feature, and the highest density 1 − S of superposition.
    """
    resource = files("superposition") / "reference" / "paper_phase_n2m1.json"
    read = json.loads(resource.read_text(encoding="utf-8"))
    return np.array(read["relative_importance"]), np.array(read[panel])
