"""Phase diagrams: at each importance and density all runs, beside theory."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int

from superposition.explorer.packing import Packed, count, diverged, listed, packed
from superposition.measure.metrics import mean_of_all_but_the_worst
from superposition.measure.network import TrainedCell, TrainedCells, select
from superposition.measure.theory import phase
from superposition.measure.theory.two_features import expected_losses
from superposition.model import weights

_WORDS = {
    "ignore_extra": "leaves the extra feature out",
    "ignore_other": "leaves another feature out",
    "extra_in_pair": "puts the extra feature opposite another",
    "others_in_pair": "puts two others opposite each other",
}


def pack(cells: TrainedCells) -> Packed | None:
    """The diagrams of two and of three features."""
    # Theory is of two features in one dimension, and of three in two.
    groups = [
        [cell for cell in select(cells, name) if cell.W.shape[1:] == shape]
        for name, shape in (("phase_two", (1, 2)), ("phase_three", (2, 3)))
    ]
    diagrams = [_Diagram(group) for group in groups if group]
    diagrams = [one for one in diagrams if one.is_there.any()]
    if not diagrams:
        return None
    shares = []
    for one in diagrams:
        number, points = {2: "two", 3: "three"}[one.n], count(int(one.is_there.sum()), "point")
        shares.append(f"{100 * one.as_in_theory:.0f} % of {points} with {number} features")
    finding = (
        f"At {listed(shares)} the best run treats the extra feature as the lowest of theory's "
        "simple losses says: it is left out, has a dimension of its own, or shares one."
    )
    return Packed(finding, {"diagrams": [one.data() for one in diagrams]}, diverged(cells))


class _Diagram:
    """All runs at each point; rows from dense to sparse, columns by importance."""

    def __init__(self, cells: TrainedCells) -> None:
        """Take the cells of a diagram, of which some may be missing."""
        self.cells, first = cells, cells[0]
        self.runs, self.m, self.n = first.W.shape
        relative, self.column = np.unique([cell.relative for cell in cells], return_inverse=True)
        sparse, self.row = np.unique([-cell.density for cell in cells], return_inverse=True)
        self.relative, self.density = relative, -sparse
        loss = np.array([self._losses(cell) for cell in cells])
        finite = np.isfinite(loss)
        self.loss = np.where(finite, loss, np.nan)
        self.order = np.argsort(self.loss, axis=1, kind="stable")  # not numbers are last
        self.is_there = finite.any(axis=1)
        self.W = np.array([cell.W for cell in cells])

    @staticmethod
    def _losses(cell: TrainedCell) -> Float[np.ndarray, " runs"]:
        """The loss of each run: of two features the expected one, as in the figure."""
        _, m, n = cell.W.shape
        exact = m == 1 and cell.model == "relu"
        # Theory's losses are sums over features, ours are means.
        loss = expected_losses([cell])[0] / n if exact else cell.loss
        return np.where(weights.diverged(cell.weights), np.nan, loss)

    def _mean_of_extra(self, cell: TrainedCell) -> Float[np.ndarray, " 2"]:
        """The length of the extra feature, and how much it shares, in all runs but the worst."""
        if not len(cell.finite):
            return np.full(2, np.nan)
        loss, found = self._losses(cell.finite), phase.of_extra(cell.finite.W)
        return np.array([mean_of_all_but_the_worst(one, loss) for one in found])

    @property
    def best(self) -> Float[np.ndarray, "points m n"]:
        """W of the run with the lowest loss."""
        return self.W[np.arange(len(self.W)), self.order[:, 0]]

    @property
    def theory(self) -> Int[np.ndarray, " points"]:
        """Which of `phase.solutions` is the best at each point."""
        return phase.best(self.m, self.relative[self.column], self.density[self.row])

    @property
    def as_in_theory(self) -> float:
        """The share of points at which the extra feature is as in theory."""
        solutions = np.array([one.W for one in phase.solutions(self.m)])
        wanted, found = (phase.fate(*phase.of_extra(W)) for W in (solutions, self.best))
        return float((found == wanted[self.theory])[self.is_there].mean())

    def data(self) -> dict[str, Any]:
        """What the script shows."""
        solutions = phase.solutions(self.m)
        length, shared = np.array([self._mean_of_extra(cell) for cell in self.cells]).T
        b = np.array([cell.b for cell in self.cells])[np.arange(len(self.W)), self.order[:, 0]]
        losses = phase.losses(self.m, self.relative[self.column], self.density[self.row]) / self.n
        return {
            "n": self.n,
            "m": self.m,
            "runs": self.runs,
            "relative": self.relative.tolist(),
            "density": self.density.tolist(),
            "solutions": [
                {"does": _WORDS[one.name], "W": one.W.tolist(), "loss": packed(loss, "f4")}
                for one, loss in zip(solutions, map(self._grid, losses), strict=True)
            ],
            "theory": packed(self._grid(self.theory), "f2"),
            "W": packed(self._grid(self.best)),
            "b": packed(self._grid(b)),
            "loss": packed(self._grid(np.sort(self.loss, axis=1)), "f4"),
            "length": packed(self._grid(length)),
            "shared": packed(self._grid(shared)),
        }

    def _grid(self, values: np.ndarray) -> np.ndarray:
        """Values of points as rows and columns; not numbers where there is no sound run."""
        grid = np.full((self.density.size, self.relative.size, *values.shape[1:]), np.nan)
        grid[self.row, self.column] = np.where(
            self.is_there.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan
        )
        return grid
