"""Trained networks as everything that looks at them has them: figures, claims and tables.

A `TrainedCell` is all runs of a cell, a `Network` one of them, in float64.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import numpy as np
from jaxtyping import Float, Int

from superposition.base.arguments import expect, numbers
from superposition.base.environment import need
from superposition.config.derived import density, sets_apart
from superposition.config.models import MODELS, Model, ModelName
from superposition.config.settings import FeatureSettings
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.metrics import feature_dimensionality, norms, product
from superposition.measure.showing import html_table
from superposition.model.checking import divergence, finite_runs
from superposition.model.forward import ACTIVATIONS, forward
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights, WeightsError
from superposition.sampling.sample import DataSet, data_set

if TYPE_CHECKING:
    from superposition.measure.module import Module

BEST = -1
"""In place of a run's number: the run with the lowest loss."""


@dataclass(frozen=True)
class Trajectory:
    """What a network was at snapshots of its training.

    Attributes:
        steps: After which steps, rising [k].
        W: Weights at each [k, n_hidden, n_features].
        loss: Loss on the evaluation sample at each [k]; not numbers if runs were not compared.
    """

    steps: Int[np.ndarray, " k"]
    W: Float[np.ndarray, "k n_hidden n_features"]
    loss: Float[np.ndarray, " k"]


def said(key: str, value: float | str) -> str:
    """A value of a key that is swept, in words."""
    return f"{key.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"


class _Placed:
    """What tells a cell from the others of its experiment."""

    model: str
    density: float
    swept: Mapping[str, float | str]

    @property
    def relative(self) -> float:
        """The last feature's importance or density, relative to what it would be otherwise."""
        swept = self.swept
        return float(swept.get("relative_importance", swept.get("relative_density", 1.0)))

    @property
    def place(self) -> str:
        """The cell, in words."""
        words = [f"{self.model} at 1 − S = {self.density:g}"]
        for key, value in self.swept.items():
            if not sets_apart(key):
                words.append(said(key, value))
            elif value != 1:
                words.append(f"last × {value:g}")
        return ", ".join(words)


@dataclass(frozen=True, repr=False)
class Network(_Placed):
    """One network, trained or constructed, in float64.

    Attributes:
        W: Weights [n_hidden, n_features]; of untied models the input weights.
        b: Output bias [n_features].
        features: The distribution it was trained on.
        importance: I_i [n_features].
        model: Row of the model table.
        experiment: Name of its experiment.
        density: 1 − S of its features; where they differ, of most of them; where they fall over
            the features, their mean.
        swept: What else its experiment sweeps, and its values here, such as `{"attack": 0.2}`.
        run: Its number, or `BEST`; some of a cell's runs may not be there.
        loss: On the evaluation sample; the expected one of `structures`; else, of networks that
            were not trained, not a number.
        W_out: Output weights [n_features, n_hidden] of untied models; others have none.
        hidden_bias: Hidden bias [n_hidden] of models that have one.
        trajectory: Its training, if there are snapshots of it.
        data_set: The samples that it was trained on, if they are a finite set.
        dictionaries: Those trained on its hidden activations, if there are any.
    """

    W: Float[np.ndarray, "n_hidden n_features"]
    b: Float[np.ndarray, " n_features"]
    features: FeatureSettings
    importance: Float[np.ndarray, " n_features"]
    model: str = "relu"
    experiment: str = ""
    density: float = math.nan
    swept: Mapping[str, float | str] = field(default_factory=dict)
    run: int = 0
    loss: float = math.nan
    W_out: Float[np.ndarray, "n_features n_hidden"] | None = None
    hidden_bias: Float[np.ndarray, " n_hidden"] | None = None
    trajectory: Trajectory | None = None
    data_set: DataSet | None = None
    dictionaries: Dictionaries | None = None

    def __repr__(self) -> str:
        """What it is, in a line."""
        words = [self.place, _sizes(*self.W.shape)]
        if self.experiment:
            words.append("the best run" if self.run == BEST else f"run {self.run}")
        if not math.isnan(self.loss):
            words.append(f"loss {self.loss:.4g}")
        return f"<Network: {', '.join(words)}>"

    def _repr_html_(self) -> str:
        columns: dict[str, Any] = {
            "feature": range(self.W.shape[1]),
            "importance": self.importance,
            "length ‖W_i‖": norms(self.W),
            "dimensionality D_i": feature_dimensionality(self.W),
            "bias b_i": self.b,
        }
        return html_table(repr(self).strip("<>"), columns)

    def hidden(self, x: Any) -> np.ndarray:
        """The hidden activations h = f(W x + c) of samples x `[..., n]`, `[..., m]`."""
        x = self._samples(x)
        c = 0.0 if self.hidden_bias is None else self.hidden_bias
        h = ACTIVATIONS[self._row.hidden](product(x.reshape(-1, x.shape[-1]), self.W.T) + c)
        return h.reshape(*x.shape[:-1], len(self.W))

    def forward(self, x: Any) -> np.ndarray:
        """The outputs y = g(W_out h + b) of samples x `[..., n]`, W_out = Wᵀ where tied."""
        x = self._samples(x)
        samples = x.reshape(-1, x.shape[-1])
        y = forward(self._row, self.W, self.b, samples, self.W_out, self.hidden_bias)
        return y.reshape(x.shape)

    def to_torch(self) -> "Module":
        """The network as an `nn.Module` with its parameters, in float32.

        Raises:
            UserError: If torch is not installed.
        """
        need("torch", "to_torch")
        from superposition.measure.module import Module

        named = {name: getattr(self, name) for name in ("W", "b", "W_out", "hidden_bias")}
        arrays = {k: np.asarray(v[None], np.float32) for k, v in named.items() if v is not None}
        return Module(self._row, Parameters(**arrays))

    @property
    def _row(self) -> Model:
        return MODELS[cast(ModelName, self.model)]

    def _samples(self, x: Any) -> np.ndarray:
        n = self.W.shape[1]
        expected = f"samples [..., {n}], a number for each feature"
        array = np.asarray(numbers("x", x, expected), np.float64)
        expect("The shape of x", [*array.shape], array.shape[-1:] == (n,), expected)
        return array


class TrainedCell(_Placed):
    """All runs of a trained cell.

    Attributes:
        name: The cell's name, `experiment/model_density`.
        weights: Its runs.
        dictionaries: Those of each run, by its number; none if there are none.
        cell: Its settings.
        experiment: Name of its experiment.
        model: Row of the model table.
        density: 1 − S of its features; where they differ, of most of them; where they fall over
            the features, their mean.
        swept: What else its experiment sweeps, and its values here.
    """

    def __init__(
        self, name: str, weights: Weights, dictionaries: Iterable[Dictionaries] = ()
    ) -> None:
        """Take what was trained."""
        self.name, self.weights = name, weights
        self.dictionaries = {one.run: one for one in dictionaries}
        self.cell, self.experiment = weights.cell, name.partition("/")[0]
        self.model, self.density = self.cell.model.model, density(self.cell)
        self.swept = self.cell.swept

    def __repr__(self) -> str:
        """What it is, in a line."""
        sizes = _sizes(*self.weights.W.shape[1:])
        return f"<TrainedCell {self.name}: {sizes}, {len(self)} runs, {self.reached}>"

    def _repr_html_(self) -> str:
        columns: dict[str, Any] = {"run": self.weights.runs, "loss": self.loss}
        return html_table(repr(self).strip("<>"), columns)

    @property
    def reached(self) -> str:
        """The lowest loss of its runs, in words."""
        if self.weights.loss is None:
            return "not compared"
        finite = self.loss[np.isfinite(self.loss)]
        return f"lowest loss {finite.min():.4g}" if finite.size else "all diverged"

    @property
    def loss(self) -> Float[np.ndarray, " runs"]:
        """Loss of each run on the evaluation sample; not numbers if runs were not compared."""
        loss = self.weights.loss
        return np.full(len(self), np.nan) if loss is None else loss

    @property
    def W(self) -> Float[np.ndarray, "runs n_hidden n_features"]:
        """Weights of all runs."""
        return self.weights.W.astype(np.float64)

    @property
    def b(self) -> Float[np.ndarray, "runs n_features"]:
        """Output biases of all runs."""
        return self.weights.b.astype(np.float64)

    def __len__(self) -> int:
        """How many runs there are."""
        return len(self.weights.runs)

    @cached_property
    def divergence(self) -> str:
        """Which of its runs have diverged, in words; nothing if none has."""
        return divergence(self.name, self.weights)

    @cached_property
    def finite(self) -> "TrainedCell":
        """The cell with those of its runs that have not diverged; there may be none."""
        if not self.divergence:
            return self
        return TrainedCell(self.name, finite_runs(self.weights), self.dictionaries.values())

    def __getitem__(self, run: int) -> Network:
        """A run, by its place among the runs; or `BEST`, the one with the lowest loss.

        Raises:
            IndexError: If there is none.
            WeightsError: If all have diverged.
        """
        if run not in range(BEST, len(self)):
            raise IndexError(
                f"{self.name} has no run {run!r}, but cell[0] to cell[{len(self) - 1}]"
            )
        try:
            at = self.weights.best if run == BEST else run
        except WeightsError as error:
            raise WeightsError(f"{self.name}: {error}") from None
        arrays = self.weights.final[at].arrays()
        finite = self.cell.training.examples > 0
        return Network(
            **{name: array.astype(np.float64) for name, array in arrays.items()},
            features=self.cell.features,
            importance=np.asarray(self.cell.model.importance),
            model=self.model,
            experiment=self.experiment,
            density=self.density,
            swept=self.swept,
            run=BEST if run == BEST else self.weights.runs[at],
            loss=float(self.loss[at]),
            trajectory=self._trajectory(at),
            data_set=data_set(self.cell, self.weights.runs[at]) if finite else None,
            dictionaries=self.dictionaries.get(self.weights.runs[at]),
        )

    def numbered(self, run: int) -> Network | None:
        """A run, by its number, or `BEST`; nothing if it is not there."""
        runs = self.weights.runs
        return self[run if run == BEST else runs.index(run)] if run in (BEST, *runs) else None

    @cached_property
    def best(self) -> Network:
        """The run with the lowest loss on the evaluation sample."""
        return self[BEST]

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """All runs, in order."""
        return tuple(self[run] for run in range(len(self)))

    def _trajectory(self, at: int) -> Trajectory | None:
        if self.weights.snapshots is None:
            return None
        loss, steps = self.weights.snapshot_loss, np.array(self.cell.training.snapshots)
        W = self.weights.snapshots.W[:, at].astype(np.float64)
        return Trajectory(steps, W, np.full(len(steps), np.nan) if loss is None else loss[:, at])


def _sizes(m: int, n: int) -> str:
    return f"{n} features in {m} dimension{'s' * (m > 1)}"


TrainedCells: TypeAlias = Sequence[TrainedCell]
_Cell = TypeVar("_Cell", TrainedCell, Network)


def select(
    cells: Sequence[TrainedCell], experiment: str | None = None, model: str | None = None
) -> list[TrainedCell]:
    """The cells of an experiment or of a model."""
    return [
        cell
        for cell in cells
        if experiment in (None, cell.experiment) and model in (None, cell.model)
    ]


def dense_first(cells: Iterable[_Cell]) -> list[_Cell]:
    """Cells, or networks, from dense to sparse; those of the same density stay in their order."""
    return sorted(cells, key=lambda cell: -cell.density)
