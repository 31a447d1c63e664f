"""What comes back of a training: cells by their names, as tables, figures and files."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superposition.base.arguments import ArgumentError, expect, file_or_folder
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.dictionaries.record import save as save_dictionaries
from superposition.measure.files import read as read_cells
from superposition.measure.network import TrainedCell
from superposition.measure.showing import html_table
from superposition.measure.tables import dictionaries_table, features_table, runs_table
from superposition.model.weights import Weights, save

if TYPE_CHECKING:
    import pandas as pd

    from superposition.base.tables import Table
    from superposition.figures.files import Plotted


class Trained(Mapping[str, TrainedCell]):
    """Trained cells by their names, `experiment/model_density`.

    A `TrainedCell` has `W [runs, m, n]`, `b [runs, n]` and `loss [runs]` as numpy arrays, each run
    as a `Network` (`cell[0]`, and `cell.best`, the one with the lowest loss) and its settings.
    Where the names of the experiments are not needed to tell cells apart they may be left out:
    `trained["relu_p0.1"]`.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment(models=["relu"], n_features=3, n_hidden=2, importance=1,
        ...                       feature_probability=[0.1], runs=2, training={"steps": 100})
        >>> trained = sp.train(sweep, progress=False)
        >>> cell = trained["relu_p0.1"]
        >>> cell.W.shape, cell.best.b.shape
        ((2, 2, 3), (3,))
        >>> list(trained.run_table()["run"])
        [0, 1]
    """

    def __init__(
        self, cells: Sequence[TrainedCell], wanted: Mapping[str, int] | None = None
    ) -> None:
        """Take trained cells, and how many runs each was to have (default: those it has).

        Raises:
            ArgumentError: If there is none, or if two have the same name.
        """
        cells = list(cells)
        whole = cells and all(isinstance(cell, TrainedCell) for cell in cells)
        expect("cells", cells, bool(whole), "trained cells, at least one")
        self._cells = {cell.name: cell for cell in cells}
        if twice := [name for name, k in Counter(cell.name for cell in cells).items() if k > 1]:
            raise ArgumentError(
                f"There are several cells {twice[0]}; expected each name once. Files are named "
                "after their experiments: rename one of them."
            )
        self._wanted = dict(wanted or {cell.name: len(cell) for cell in cells})

    def __getitem__(self, name: str) -> TrainedCell:
        """A cell.

        Raises:
            KeyError: If there is none of this name, or more than one.
        """
        if not isinstance(name, str):
            raise KeyError(
                f"there is no cell {name!r}; cells have names: {', '.join(self._wanted)}"
            )
        meant = [key for key in self._wanted if name in (key, key.partition("/")[2])]
        if len(meant) == 1:
            if meant[0] in self._cells:
                return self._cells[meant[0]]
            raise KeyError(f"{meant[0]} has no finished run: the training was interrupted")
        if meant:
            raise KeyError(f"{name!r} may be any of {', '.join(meant)}")
        near = get_close_matches(name, [*self._wanted, *map(short, self._wanted)], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self._wanted)}"
        raise KeyError(f"there is no cell {name!r}; {hint}")

    def __iter__(self) -> Iterator[str]:
        """The names of the cells, in the order of the configuration."""
        return iter(self._cells)

    def __len__(self) -> int:
        """The number of cells."""
        return len(self._cells)

    def __repr__(self) -> str:
        """A line for each cell."""
        cells = "1 trained cell" if len(self) == 1 else f"{len(self)} trained cells"
        return "\n".join([cells, *map(self._line, self._wanted)])

    def _repr_html_(self) -> str:
        columns: dict[str, Any] = {
            "cell": list(self),
            "runs": [len(cell) for cell in self.values()],
            "reached": [cell.reached for cell in self.values()],
        }
        return html_table(repr(self).splitlines()[0], columns)

    @property
    def is_complete(self) -> bool:
        """Whether every run is there; not if training was interrupted."""
        return all(len(self[n]) == k if n in self else not k for n, k in self._wanted.items())

    def run_table(self) -> "pd.DataFrame":
        """A table with a row for each run of each cell.

        Its columns are those of `results/metrics/….runs.csv`; docs/results.md says what they hold.
        """
        return self._table(runs_table)

    def feature_table(self) -> "pd.DataFrame":
        """A table with a row for each feature of each run of each cell.

        Its columns are those of `results/metrics/….features.csv`; docs/results.md says what they
        hold.
        """
        return self._table(features_table)

    def dictionary_table(self) -> "pd.DataFrame":
        """A table with a row for each dictionary of each run, if there are any.

        Its columns are those of `results/dictionaries/….csv`, which docs/results.md explains, with
        the experiment and what else is swept in place of the cell's name.
        """

        def tabulate(cells: Sequence[TrainedCell]) -> "Table":
            (cell,) = cells
            found = dictionaries_table({cell.name: list(cell.dictionaries.values())})
            place = {"experiment": cell.experiment, **cell.swept}
            above = {key: [value] * len(found["run"]) for key, value in place.items()}
            return above | {key: column for key, column in found.items() if key != "cell"}

        return self._table(tabulate)

    def plot(self, figure: str) -> "Plotted":
        """Plot one of the paper's figures of these cells.

        Args:
            figure: A name from the table in docs/figures.md, such as `intro`. A figure of one
                experiment is plotted of any one experiment, whatever its name.

        Returns:
            The figure: notebooks show it, `save` writes it and its numbers, `figure` is
            matplotlib's, and of `table` pandas makes a data frame.

        Raises:
            UserError: If there is no such figure, or if it cannot show these cells.
        """
        from superposition.figures import plotting, spec

        expect("figure", figure, isinstance(figure, str), "the name of a figure, such as 'intro'")
        its = spec(figure)
        shown = list(self.values())
        if len(its.experiments) == 1 and len({cell.experiment for cell in shown}) == 1:
            shown = [_renamed(cell, its.experiments[0]) for cell in shown]
        return plotting.plotted(figure, shown)

    def save(self, folder: Path | str = "weights") -> list[Path]:
        """Write each experiment to `folder/experiment.safetensors`; return the files.

        Dictionaries, where there are any, go to `folder/dictionaries/experiment.safetensors`.
        """
        file_or_folder("folder", folder)
        found: dict[Path, dict[str, list[Dictionaries]]] = {}
        files: dict[Path, dict[str, Weights]] = {}
        for name, cell in self.items():
            file = Path(folder) / f"{cell.experiment}.safetensors"
            files.setdefault(file, {})[short(name)] = cell.weights
            if cell.dictionaries:
                beside = file.parent / "dictionaries" / file.name
                found.setdefault(beside, {})[short(name)] = list(cell.dictionaries.values())
        for file, weights in files.items():
            save(file, weights)
        for file, dictionaries in found.items():
            save_dictionaries(file, dictionaries)
        return list(files)

    def _line(self, name: str) -> str:
        wanted = self._wanted[name]
        if name not in self._cells:
            return f"  {name}: none of {wanted} runs"
        cell = self._cells[name]
        count = f"{len(cell)} runs" if len(cell) == wanted else f"{len(cell)} of {wanted} runs"
        return f"  {name}: {count}, {cell.reached}"

    def _table(self, tabulate: "Callable[[Sequence[TrainedCell]], Table]") -> "pd.DataFrame":
        import pandas as pd

        # Cell by cell: experiments sweep different keys, so that their columns differ.
        tables = [pd.DataFrame(tabulate([cell])) for cell in self.values()]
        return pd.concat(tables, ignore_index=True)


def short(name: str) -> str:
    """A cell's name without its experiment."""
    return name.partition("/")[2]


def _renamed(cell: TrainedCell, experiment: str) -> TrainedCell:
    """A cell as one of another experiment."""
    name = f"{experiment}/{short(cell.name)}"
    return TrainedCell(name, cell.weights, cell.dictionaries.values())


def read_weights(*files: Path | str, dictionaries: Sequence[Path | str] = ()) -> "Trained":
    """Trained cells from files of weights, such as those in results/weights.

    Args:
        files: Paths `…/experiment.safetensors`, whose stems name the experiments.
        dictionaries: Files of dictionaries of some of them, such as those in results/dictionaries,
            named likewise.

    Raises:
        WeightsError: If a file is missing, damaged, or not one of ours.
        ArgumentError: If two files have cells of the same name.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment(models=["relu"], n_features=3, n_hidden=2, importance=1,
        ...                       feature_probability=[0.1], runs=2, training={"steps": 100})
        >>> files = sp.train(sweep, progress=False).save("weights")
        >>> list(sp.read_weights(*files))
        ['experiment/relu_p0.1']
    """
    for kind, paths in (("files", files), ("dictionaries", dictionaries)):
        expect(kind, paths, not isinstance(paths, str | Path), "a list of files")
        for k, file in enumerate(paths):
            file_or_folder(f"{kind}[{k}]", file)
    return Trained(read_cells(files, dictionaries))
