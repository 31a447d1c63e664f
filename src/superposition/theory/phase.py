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

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int

from superposition.metrics import interference, norms
from superposition.theory.linear import ignored

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
        """Return the best bias, `[n]`: s/2 for a feature left out, else 0."""
        b = np.zeros(self.W.shape[1])
        b[list(self.ignored)] = density / 2.0
        return b

    def loss(
        self, importance: Float[np.ndarray, "*#grid"], density: Float[np.ndarray, "*#grid"]
    ) -> Float[np.ndarray, "*grid"]:
        """Return the expected loss.

        Args:
            importance: r, of the extra feature relative to every other.
            density: s = 1 − S.
        """
        r, s = np.broadcast_arrays(importance, density)
        extra = self.W.shape[1] - 1

        def weight(members: tuple[int, ...]) -> Any:
            return sum(r if i == extra else 1.0 for i in members)

        return np.asarray(weight(self.ignored) * ignored(s) + weight(self.paired) * s**2 / 6.0)

    @property
    def extra_norm(self) -> float:
        """‖W_extra‖."""
        return float(norms(self.W)[-1])

    @property
    def extra_superposition(self) -> float:
        """Σ_j (Ŵ_extra · W_j)² over the other features."""
        return float(interference(self.W)[-1])


def solutions(n_hidden: int) -> tuple[Solution, ...]:
    """Return the solutions for n = m + 1: three for m = 1, else four.

    The paper's fifth for m = 2, all features sharing all dimensions evenly, is left out as there.
    """
    n = n_hidden + 1
    extra = n_hidden
    found = [
        Solution("ignore_extra", _ignoring(extra, n), (extra,), ()),
        Solution("ignore_other", _ignoring(0, n), (0,), ()),
        Solution("extra_in_pair", _pairing(extra, 0, n), (), (0, extra)),
    ]
    if n_hidden > 1:
        found.append(Solution("others_in_pair", _pairing(1, 0, n), (), (0, 1)))
    return tuple(found)


def losses(
    n_hidden: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Float[np.ndarray, " solutions *grid"]:
    """Return the loss of each of `solutions(n_hidden)` over a grid."""
    return np.stack([solution.loss(importance, density) for solution in solutions(n_hidden)])


def best(
    n_hidden: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Int[np.ndarray, "*grid"]:
    """Return the place in `solutions(n_hidden)` of the one with the lowest loss, over a grid."""
    lowest: np.ndarray = np.asarray(losses(n_hidden, importance, density).argmin(axis=0))
    return lowest


def boundary(n_hidden: int, importance: Float[np.ndarray, "*grid"]) -> Float[np.ndarray, "*grid"]:
    """Return the density below which a solution with a pair is best.

    4r/(2 + 5r) up to r = 1. Beyond, 4/(5 + 2r) for m = 1, where the extra feature must be in the
    pair; and 4/7 for larger m, where the pair is of two others.
    """
    r = importance
    beyond = 4.0 / (5.0 + 2.0 * r) if n_hidden == 1 else np.full_like(r, 4.0 / 7.0)
    return np.where(r <= 1.0, 4.0 * r / (2.0 + 5.0 * r), beyond)


def slopes_at_boundary(
    n_hidden: int, importance: Float[np.ndarray, "*grid"]
) -> tuple[Float[np.ndarray, "*grid"], Float[np.ndarray, "*grid"]]:
    """Return dL/ds of the lowest loss just below and just above the boundary.

    The loss itself is continuous there. Its slope falls by min(1, r)/3, which makes the phase
    change one of first order.
    """
    s = boundary(n_hidden, importance)
    ignored = np.minimum(importance, 1.0)
    paired = 1.0 + (importance if n_hidden == 1 else ignored)
    return paired * s / 3.0, ignored * (1.0 / 3.0 - s / 2.0)


def _ignoring(ignored: int, n: int) -> Float[np.ndarray, "m n"]:
    """Return a dimension for each feature but one."""
    return np.delete(np.eye(n), ignored, axis=0)


def _pairing(one: int, other: int, n: int) -> Float[np.ndarray, "m n"]:
    """Return a dimension for each feature, but for one that is opposite to another."""
    W = np.delete(np.eye(n), one, axis=0)
    W[:, one] = -W[:, other]
    return W
