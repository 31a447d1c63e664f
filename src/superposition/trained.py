"""What training returns: cells as arrays, as tables and as figures."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from superposition.errors import UserError
from superposition.weights import Weights, save

if TYPE_CHECKING:
    import pandas as pd

    from superposition.plotting.drawing import Drawing
    from superposition.tables import Table


class Trained(Mapping[str, Weights]):
    """Trained cells by their names, `experiment/model_density`.

    A cell is a `superposition.weights.Weights`: `W [runs, m, n]`, `b [runs, n]` and `loss [runs]`
    are numpy arrays, `best` is the place of the run with the lowest loss, `cell` has the settings.
    Where the names of the experiments are not needed to tell cells apart they may be left out:
    `trained["relu_p0.1"]`.
    """

    def __init__(
        self, cells: Mapping[str, Weights], wanted: Mapping[str, int] | None = None
    ) -> None:
        """Take trained cells, and how many runs each was to have (default: those it has)."""
        self._cells = dict(cells)
        self._wanted = dict(wanted or {name: len(w.runs) for name, w in cells.items()})

    def __getitem__(self, name: str) -> Weights:
        """Return a cell.

        Raises:
            KeyError: If there is none of this name, or more than one.
        """
        meant = [key for key in self._wanted if name in (key, key.partition("/")[2])]
        if len(meant) == 1 and meant[0] in self._cells:
            return self._cells[meant[0]]
        if len(meant) == 1:
            raise KeyError(f"{meant[0]} has no finished run: the training was interrupted")
        if meant:
            raise KeyError(f"{name!r} may be any of {', '.join(meant)}")
        near = get_close_matches(name, [*self._wanted, *map(_short, self._wanted)], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self._wanted)}"
        raise KeyError(f"there is no cell {name!r}; {hint}")

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the cells, in the order of the configuration."""
        return iter(self._cells)

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self._cells)

    def __repr__(self) -> str:
        """Return a line for each cell."""
        cells = "1 trained cell" if len(self) == 1 else f"{len(self)} trained cells"
        return "\n".join([cells, *map(self._line, self._wanted)])

    @property
    def is_complete(self) -> bool:
        """Whether every run is there; not if training was interrupted."""
        return all(len(self[n].runs) == k if n in self else not k for n, k in self._wanted.items())

    def run_table(self) -> "pd.DataFrame":
        """Return a table with a row for each run of each cell (and point, of a phase diagram).

        Columns: experiment and feature_probability (1 − S of the first feature), then those of
        `results/metrics/….runs.csv`: model, density (as in the cell's name), run, loss, is_best,
        n_represented, n_orthogonal, n_antipodal_pairs, dimensions_per_feature (D* = m / ‖W‖²) and
        total_dimensionality (Σ D_i); of phase diagrams also relative_importance.
        """
        return self._table(0)

    def feature_table(self) -> "pd.DataFrame":
        """Return a table with a row for each feature of each run of each cell.

        Columns: experiment, then those of `results/metrics/….features.csv`: model, density (as in
        the cell's name), run, feature, importance, feature_probability (1 − S), norm (‖W_i‖), bias,
        interference (Σ_{j≠i} (Ŵ_i · W_j)²) and dimensionality (D_i); of phase diagrams also
        relative_importance.
        """
        return self._table(1)

    def plot(self, figure: str) -> "Drawing":
        """Draw one of the paper's figures of these cells.

        Args:
            figure: A name from the README's table of figures, such as `intro`. A figure of one
                experiment is drawn of any one experiment, whatever its name.

        Returns:
            The figure: notebooks show it, `save` writes it, `figure` is matplotlib's.

        Raises:
            UserError: If there is no such figure, none of the cells that it shows, or if it shows
                dictionaries.
        """
        from superposition.plotting import FIGURES, figure_of
        from superposition.plotting.drawing import Drawing

        if figure not in FIGURES:
            near = get_close_matches(figure, FIGURES, 1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(FIGURES)}."
            raise UserError(f"There is no figure {figure!r}; {hint}")
        if FIGURES[figure].shows != "weights":
            raise UserError(f"Figure {figure} shows dictionaries, which only the workflow trains.")
        shown, own = FIGURES[figure].experiments, {name.partition("/")[0] for name in self}
        cells = self._cells
        if len(shown) == 1 and len(own) == 1:
            cells = {f"{shown[0]}/{_short(name)}": w for name, w in cells.items()}
        return Drawing(figure_of(figure, cells), FIGURES[figure].title)

    def save(self, folder: Path | str = "weights") -> list[Path]:
        """Write each cell to `folder/experiment/model_density.safetensors`; return the files."""
        files = [Path(folder) / f"{name}.safetensors" for name in self]
        for file, weights in zip(files, self.values(), strict=True):
            save(file, weights)
        return files

    def _line(self, name: str) -> str:
        wanted = self._wanted[name]
        if name not in self._cells:
            return f"  {name}: none of {wanted} runs"
        weights = self._cells[name]
        runs = len(weights.runs)
        count = f"{runs} runs" if runs == wanted else f"{runs} of {wanted} runs"
        if weights.loss is None:
            return f"  {name}: {count}, not compared"
        points = len(weights.cell.points())
        if points > 1:
            return f"  {name}: {count} at each of {points} points"
        finite = weights.loss[np.isfinite(weights.loss)]
        lowest = f"lowest loss {finite.min():.4g}" if finite.size else "all diverged"
        return f"  {name}: {count}, {lowest}"

    def _table(self, which: int) -> "pd.DataFrame":
        """Return the tables of runs (0) or of features (1), one below the other."""
        import pandas as pd

        from superposition.metrics import measure

        def of(name: str, weights: Weights) -> "pd.DataFrame":
            measured: Table = measure({name: weights})[which]
            place: dict[str, object] = {"experiment": name.partition("/")[0]}
            if which == 0:
                place["feature_probability"] = weights.cell.features.feature_probability[0]
            return pd.DataFrame({**place, **measured}, index=range(len(measured["run"])))

        return pd.concat([of(name, w) for name, w in self.items()], ignore_index=True)


def _short(name: str) -> str:
    """Return a cell's name without its experiment."""
    return name.partition("/")[2]
