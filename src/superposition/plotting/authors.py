"""The run saved in the paper's own notebook, to be shown beside ours."""

import json
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_FILE = "authors_geometry_n200_m20.json"


class AuthorsRun(NamedTuple):
    """n = 200 features of equal importance in m = 20 dimensions, one model at each level."""

    places: Float[np.ndarray, " levels"]
    """1/(1 − S)."""
    D_star: Float[np.ndarray, " levels"]
    """D*."""
    D: Float[np.ndarray, "levels n_features"]
    """D_i."""


def authors_run() -> AuthorsRun:
    """Return the run; the file says where it is from."""
    text = (files("superposition") / "reference" / _FILE).read_text(encoding="utf-8")
    run = json.loads(text)
    return AuthorsRun(*(np.array(run[key]) for key in ("inverse_density", "D_star", "D")))
