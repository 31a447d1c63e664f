"""What the claims about uniform superposition look at: problems, cells and ideal polytopes."""

from functools import partial

import numpy as np

from superposition.claims.polytope_statistics import IDEAL
from superposition.claims.records import BEST, Basis, Cells, Claim, Network, Reading, Task
from superposition.settings import FeatureSettings
from superposition.theory.polytopes import POLYTOPES

PAPERS = Task("geometry", n_features=400, n_hidden=30, importance_decay=1.0)
WIDE = Task("geometry_wide", n_features=400, n_hidden=60, importance_decay=1.0)
NARROW = Task("geometry_narrow", n_features=200, n_hidden=20, importance_decay=1.0)
NOTEBOOKS = Task("geometry_notebook", n_features=200, n_hidden=20, importance_decay=1.0)
ALL_LEVELS = Cells("relu")
WIDES_LEVELS = Cells("relu", experiment=WIDE.experiment, task=WIDE)
NARROWS_LEVELS = Cells("relu", experiment=NARROW.experiment, task=NARROW)
NOTEBOOKS_LEVELS = Cells("relu", experiment=NOTEBOOKS.experiment, task=NOTEBOOKS)

ONE_RUN = Basis(
    Reading.LOWEST_LOSS,
    "The paper shows one model at each density and says nothing of choosing it; here, too, each "
    "is trained once.",
)
BEST_FOUND = Basis(
    Reading.LOWEST_LOSS,
    "The paper speaks of the polytope that solves a problem; of several fits it keeps the one with "
    "the lowest loss.",
)

uniform_claim = partial(
    Claim,
    section="Uniform Superposition",
    anchor="#geometry-uniform",
    basis=ONE_RUN,
    task=PAPERS,
)
lines_claim = partial(
    Claim,
    section="Feature Dimensionality",
    anchor="#geometry-dimensionality",
    basis=ONE_RUN,
    task=PAPERS,
)


def small(experiment: str, n_features: int, n_hidden: int) -> Cells:
    """Return the cells of a small model whose solution is a polytope."""
    task = Task(experiment, n_features, n_hidden, importance_decay=1.0)
    return Cells("relu", experiment=experiment, task=task)


TRIANGLE = small("triangle", 3, 2)
TETRAHEDRON = small("tetrahedron", 4, 3)
TRIANGULAR_BIPYRAMID = small("triangular_bipyramid", 5, 3)
PENTAGONAL_BIPYRAMID = small("pentagonal_bipyramid", 7, 3)
SMALL = (
    TRIANGLE,
    small("square", 4, 2),
    TETRAHEDRON,
    TRIANGULAR_BIPYRAMID,
    small("octahedron", 6, 3),
    PENTAGONAL_BIPYRAMID,
    small("square_antiprism", 8, 3),
)


def ideal_polytopes() -> tuple[Network, ...]:
    """Return the paper's polytopes as networks that nobody trained."""
    return tuple(
        Network(
            W=W,
            b=np.zeros(W.shape[1]),
            experiment=name.replace(" ", "_"),
            model=IDEAL,
            density=1.0,
            repetition=BEST,
            relative=1.0,
            loss=float("nan"),
            features=FeatureSettings(
                n_features=W.shape[1], feature_probability=(1.0,) * W.shape[1]
            ),
            importance=np.ones(W.shape[1]),
        )
        for name, polytope in POLYTOPES.items()
        for W in (polytope.build(),)
    )
