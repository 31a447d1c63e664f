"""Compare the runs of a cell on its evaluation sample, and export them together.

The loss is computed in float64 in an order that the source fixes, so that it, too, is the same
bytes everywhere. It is the plain loss on clean samples for every recipe: what training adds to it,
the penalty on activations and the attacks, is left out, so that recipes compare.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from superposition.config.models import MODELS
from superposition.config.settings import Cell
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.activations import CODES
from superposition.kernels.contracts.evaluation import Comparison
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.model.checking import load_planned
from superposition.model.forward import forward
from superposition.model.weights import Weights, gather
from superposition.sampling.sample import EvaluationSample, evaluation_sample

Part: TypeAlias = tuple[Path | str, Sequence[int], Sequence[str]]
"""A training job's file, its runs, and the names of its cells."""

_squared_errors = EntryPoint(Comparison, "evaluation.squared_errors")


def losses(weights: Weights, sample: EvaluationSample) -> NDArray[np.float64]:
    """The loss of each run, `[runs]`: I_i (t_i − y_i)² meaned over samples and features i."""
    tiles = sample.tiles
    model = MODELS[weights.cell.model.model]
    importance = np.array(weights.cell.model.importance)
    # Tiles were filled up with empty samples, which are then counted too often here.
    empty = sample.samples - tiles.number * WIDTH
    n, m = tiles.n, weights.cell.model.n_hidden
    found = np.zeros(len(weights.runs))
    for run in range(len(weights.runs)):
        encoder = np.ascontiguousarray(weights.W[run].T, dtype=np.float64)
        b = weights.b[run].astype(np.float64)
        W_out, hidden_bias = weights.final.W_out, weights.final.hidden_bias
        c = np.zeros(m) if hidden_bias is None else hidden_bias[run].astype(np.float64)
        work = Comparison(
            tiles=tiles,
            m=m,
            encoder=encoder,
            decoder=encoder if W_out is None else W_out[run].astype(np.float64),
            b=b,
            c=c,
            hidden=CODES[model.hidden],
            output=CODES[model.output],
            target=CODES[model.target],
            h=aligned_zeros(m * WIDTH, np.float64),
            lanes=aligned_zeros(n * WIDTH, np.float64),
            errors=np.zeros(n),
        )
        _squared_errors(work)
        y = forward(model, encoder.T, b, np.zeros((1, n)), work.decoder, c)[0]
        terms = importance * (work.errors + empty * (y * y))
        # One after the other: numpy's own sum may group its terms differently elsewhere.
        found[run] = float(np.cumsum(terms)[-1]) / (sample.samples * n)
    return found


def compare(weights: Weights, sample: EvaluationSample) -> Weights:
    """The same runs with their losses on an evaluation sample, at the end and at snapshots."""
    earlier = None
    if weights.snapshots is not None:
        steps = range(len(weights.snapshots))
        at = (replace(weights, final=weights.snapshots[step]) for step in steps)
        earlier = np.stack([losses(then, sample) for then in at])
    return replace(weights, loss=losses(weights, sample), snapshot_loss=earlier)


def export(parts: Iterable[Part], cells: Mapping[str, Cell]) -> dict[str, Weights]:
    """The runs of cells put together, and compared on the evaluation sample of each.

    Args:
        parts: The files of all their training jobs, in the order of runs.
        cells: What they must have been trained with, by name.

    Raises:
        WeightsError: If a file has other cells or runs, or was trained with other settings.
    """
    trained: dict[str, list[Weights]] = {name: [] for name in cells}
    for file, runs, names in parts:
        planned = {name: cells[name] for name in names}
        for name, part in load_planned(file, planned, runs).items():
            trained[name].append(part)
    return {
        name: compare(replace(gather(trained[name]), cell=cell), evaluation_sample_of(cell))
        for name, cell in cells.items()
    }


def evaluation_sample_of(cell: Cell) -> EvaluationSample:
    """The sample on which the runs of a cell are compared; models at one density share it."""
    return evaluation_sample(cell.features, cell.seed, cell.evaluation_samples)
