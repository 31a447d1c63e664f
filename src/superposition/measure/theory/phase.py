"""Superposition as a phase change: the few solutions of n = m + 1 features in m dimensions.

One feature too many has importance r, relative to 1 of all others. Either it or another one is left
out, or it or two others share a dimension as an antipodal pair. Each solution's loss is simple, and
which is lowest depends on r and on the density s = 1 − S (paper: Superposition as a Phase Change,
#phase-change; losses from its theory notebook, wattenberg/superposition, which calls s sparsity).

A feature left out, with the best bias s/2, costs its variance I (s/3 − s²/4). One of a pair costs
the square of the smaller of two uniform numbers, when both are active: I s²/6. Losses are the
paper's, sums over features.

Trained weights and biases lie near these solutions, not on them, and do a little better.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Shaped

from superposition.measure.metrics import interference, norms
from superposition.measure.theory.linear import ignored

HALF = 0.5
"""Length, and part of a dimension shared, from which on the extra feature is learned, and is in
superposition: halfway in both directions of the figure's colours."""
IGNORED, ALONE, IN_PAIR = "ignored", "alone", "in pair"

Name = Literal["ignore_extra", "ignore_other", "extra_in_pair", "others_in_pair"]


@dataclass(frozen=True)
class Solution:
    """A way to fit m + 1 features into m dimensions. The extra feature is the last."""

    name: Name
    W: Float[np.ndarray, "m n"]
    """Weights; columns are unit vectors or 0."""
    ignored: tuple[int, ...]
    """The features left out."""
    paired: tuple[int, ...]
    """The two features of the antipodal pair, where there is one."""

    def bias(self, density: float) -> Float[np.ndarray, " n"]:
        """The best bias, `[n]`: s/2 for a feature left out, else 0."""
        b = np.zeros(self.W.shape[1])
        b[list(self.ignored)] = density / 2.0
        return b

    def loss(
        self, importance: Float[np.ndarray, "*#grid"], density: Float[np.ndarray, "*#grid"]
    ) -> Float[np.ndarray, "*grid"]:
        """The expected loss for an importance r and a density s."""
        r, s = np.broadcast_arrays(importance, density)
        weights = [*np.ones((self.W.shape[1] - 1, *r.shape)), r]
        left_out = sum(weights[i] for i in self.ignored)
        shared = sum(weights[i] for i in self.paired)
        return np.asarray(left_out * ignored(s) + shared * s**2 / 6.0)


def solutions(n_hidden: int) -> tuple[Solution, ...]:
    """The solutions for n = m + 1: three for m = 1, else four.

    The paper's fifth for m = 2, all features sharing all dimensions evenly, is left out as there.
    """
    extra = n_hidden
    found = [
        _solution(n_hidden, "ignore_extra", extra),
        _solution(n_hidden, "ignore_other", 0),
        _solution(n_hidden, "extra_in_pair", extra, opposite=0),
    ]
    if n_hidden > 1:
        found.append(_solution(n_hidden, "others_in_pair", 1, opposite=0))
    return tuple(found)


def losses(
    n_hidden: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Float[np.ndarray, " solutions *grid"]:
    """The loss of each of `solutions(n_hidden)` over a grid."""
    return np.stack([solution.loss(importance, density) for solution in solutions(n_hidden)])


def best(
    n_hidden: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Int[np.ndarray, "*grid"]:
    """The place in `solutions(n_hidden)` of the one with the lowest loss, over a grid."""
    return np.asarray(losses(n_hidden, importance, density).argmin(axis=0))


def boundary(n_hidden: int, importance: Float[np.ndarray, "*grid"]) -> Float[np.ndarray, "*grid"]:
    """The density below which a solution with a pair is best.

    4r/(2 + 5r) up to r = 1. Beyond, 4/(5 + 2r) for m = 1, where the extra feature must be in the
    pair; and 4/7 for larger m, where the pair is of two others.
    """
    r = importance
    beyond = 4.0 / (5.0 + 2.0 * r) if n_hidden == 1 else np.full_like(r, 4.0 / 7.0)
    return np.where(r <= 1.0, 4.0 * r / (2.0 + 5.0 * r), beyond)


def of_extra(
    W: Float[np.ndarray, "*grid m n"],
) -> tuple[Float[np.ndarray, "*grid"], Float[np.ndarray, "*grid"]]:
    """The length of the extra feature, and how much it shares its direction."""
    return norms(W)[..., -1], interference(W)[..., -1]


def fate(
    length: Float[np.ndarray, "*grid"], shared: Float[np.ndarray, "*grid"]
) -> Shaped[np.ndarray, "*grid"]:
    """What becomes of the extra feature, by these two: it is ignored, alone or in a pair."""
    return np.where(length > HALF, np.where(shared > HALF, IN_PAIR, ALONE), IGNORED)


def paper_boundary(
    panel: Literal["theory", "experiment"],
) -> tuple[Float[np.ndarray, " places"], Float[np.ndarray, " places"]]:
    """The boundary read off a panel of the paper's figure of n = 2, m = 1.

    Relative importances, and the highest density at which there is superposition.
    """
    resource = files("superposition") / "reference" / "paper_phase_n2m1.json"
    read = json.loads(resource.read_text(encoding="utf-8"))
    return np.array(read["relative_importance"]), np.array(read[panel])


def slopes_at_boundary(
    n_hidden: int, importance: Float[np.ndarray, "*grid"]
) -> tuple[Float[np.ndarray, "*grid"], Float[np.ndarray, "*grid"]]:
    """dL/ds of the lowest loss just below and just above the boundary.

    The loss itself is continuous there. Its slope falls by min(1, r)/3, which makes the phase
    change one of first order.
    """
    s = boundary(n_hidden, importance)
    ignored = np.minimum(importance, 1.0)
    paired = 1.0 + (importance if n_hidden == 1 else ignored)
    return paired * s / 3.0, ignored * (1.0 / 3.0 - s / 2.0)


def _solution(n_hidden: int, name: Name, feature: int, opposite: int | None = None) -> Solution:
    """A dimension for each feature but one, which is left out or opposite to another."""
    W = np.delete(np.eye(n_hidden + 1), feature, axis=0)
    if opposite is None:
        return Solution(name, W, (feature,), ())
    W[:, feature] = -W[:, opposite]
    return Solution(name, W, (), (opposite, feature))
