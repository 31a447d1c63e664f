"""Phase diagrams, with all runs of each point: what claims about them measure, and theory's.

The *extra* feature is the last; `phase.fate` says what becomes of it.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from superposition.claims.claim import Repetition
from superposition.claims.statistics import constructed, grouped
from superposition.measure.metrics import mean_of_all_but_the_worst
from superposition.measure.network import BEST, Network
from superposition.measure.theory import phase, two_features

MARGIN = 1.2
"""Networks within this factor of a boundary of the simple theory are left out: with all weights and
biases free the boundary is up to 13 % higher, and lies anywhere between two rows."""


class Diagram:
    """All runs of each point: rows from dense to sparse, columns by relative importance.

    Attributes:
        density: Of each row.
        relative: Importance of the extra feature, of each column.
        r: Relative importances `[rows, columns]`.
        s: Densities likewise.
        W: Weights `[rows, columns, runs, m, n]`.
        loss: Of two features the one expected of the weights, without the noise of a sample.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        """Take all runs of all points, from dense to sparse and from unimportant to important."""
        rows = grouped(networks, lambda network: network.density)
        self.density = np.array([row[0].density for row in rows])
        self.relative = np.array(list(dict.fromkeys(network.relative for network in rows[0])))
        self.r, self.s = np.meshgrid(self.relative, self.density)
        shape = *self.r.shape, -1

        def of_runs(name: str) -> np.ndarray:
            values = np.array([getattr(network, name) for network in networks])
            return values.reshape(*shape, *values.shape[1:])

        self.W, b, self.loss = map(of_runs, ("W", "b", "loss"))
        if self.W.shape[-2] == 1:
            self.loss = two_features.loss(
                self.W[..., 0, :], b, self.r[..., None], self.s[..., None]
            )

    def lowest(self) -> Float[np.ndarray, "rows columns m n"]:
        """The weights of the run with the lowest loss."""
        best = self.loss.argmin(axis=-1)[..., None, None, None]
        return np.asarray(np.take_along_axis(self.W, best, axis=2)[:, :, 0])

    def missed(self) -> Float[np.ndarray, "rows columns"]:
        """The share of runs, without the worst, that do not have the extra feature in a pair."""
        fate = phase.fate(*phase.of_extra(self.W))
        return mean_of_all_but_the_worst(fate != phase.IN_PAIR, self.loss)


def in_lowest(diagram: Diagram) -> np.ndarray:
    """What becomes of the extra feature in the run with the lowest loss."""
    return phase.fate(*phase.of_extra(diagram.lowest()))


def in_mean(diagram: Diagram) -> np.ndarray:
    """What does in the paper's diagram, of means over all runs but the worst."""
    of_extra = phase.of_extra(diagram.W)
    return phase.fate(*(mean_of_all_but_the_worst(one, diagram.loss) for one in of_extra))


def apart(ratio: Float[np.ndarray, "*s"]) -> Float[np.ndarray, "*s"]:
    """By what factor two numbers differ, given their ratio; at least 1."""
    return np.asarray(np.maximum(ratio, 1 / ratio))


def of_point(W: np.ndarray, b: np.ndarray, density: float, relative: float) -> Network:
    """A network made by hand for a point of a diagram."""
    return constructed(
        W,
        density,
        b=b,
        importance=np.append(np.ones(W.shape[1] - 1), relative),
        experiment="mathematics",
        swept={"relative_importance": relative},
        run=BEST,
    )


def best_in_theory(n_hidden: int, r: np.ndarray, s: np.ndarray) -> Repetition:
    """The solution with the lowest of theory's losses at every density and importance."""
    solutions = phase.solutions(n_hidden)
    best = phase.best(n_hidden, r[None, :], s[:, None])
    return tuple(
        of_point(solutions[k].W, solutions[k].bias(density), density, relative)
        for density, row in zip(s.tolist(), best, strict=True)
        for relative, k in zip(r.tolist(), row, strict=True)
    )
