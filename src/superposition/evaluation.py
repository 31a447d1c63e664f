"""Compare the runs of a cell on its evaluation sample, and export them together.

The loss is computed in float64 in an order that the source fixes, so that it, too, is the same
bytes everywhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.model import MODELS
from superposition.samples import EvaluationSample, SampleError, load_sample
from superposition.weights import Weights, WeightsError, gather, join, load, save


@EntryPoint
def _squared_errors(
    W: Any,
    decoder: Any,
    b: Any,
    x: Any,
    relu_hidden: Any,
    relu_output: Any,
    absolute: Any,
    out: Any,
) -> None:
    """Set out[i] to Σ_samples (t_i − y_i)², for W `[n, m]`, decoder `[m, n]`, x `[samples, n]`."""
    n, m = W.shape
    h = np.zeros(m)
    y = np.zeros(n)
    for i in range(n):
        out[i] = 0.0
    for s in range(x.shape[0]):
        for k in range(m):
            h[k] = 0.0
        for i in range(n):
            value = x[s, i]
            y[i] = b[i]
            if value != 0.0:
                for k in range(m):
                    h[k] += W[i, k] * value
        for k in range(m):
            hidden = h[k]
            if not relu_hidden or hidden > 0.0:
                for i in range(n):
                    y[i] += decoder[k, i] * hidden
        for i in range(n):
            output = max(y[i], 0.0) if relu_output else y[i]
            target = abs(x[s, i]) if absolute else x[s, i]
            out[i] += (target - output) * (target - output)


def losses(weights: Weights, sample: EvaluationSample) -> NDArray[np.float64]:
    """Return each run's loss `[runs]`: I_i (t_i − y_i)² meaned over samples and features i."""
    model = MODELS[weights.cell.model.model]
    rows = (model.relu_hidden, model.relu_output, model.absolute)
    importance = np.array(weights.cell.model.importance)
    x = sample.x.astype(np.float64)
    nothing = np.zeros((1, x.shape[1]))
    found = np.zeros(len(weights.runs))
    errors, empty_errors = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for run in range(len(weights.runs)):
        W = np.ascontiguousarray(weights.W[run].T, dtype=np.float64)
        decoder = W.T if weights.W_out is None else weights.W_out[run].T
        parameters = (
            W,
            np.ascontiguousarray(decoder, dtype=np.float64),
            weights.b[run].astype(float),
        )
        _squared_errors(*parameters, x, *rows, errors)
        _squared_errors(*parameters, nothing, *rows, empty_errors)
        terms = importance * (errors + sample.empty * empty_errors)
        # One after the other: numpy's own sum may group its terms differently elsewhere.
        found[run] = float(np.cumsum(terms)[-1]) / (sample.samples * len(terms))
    return found


def export(
    run_files: Sequence[Path | str],
    sample_file: Path | str,
    output: Path | str,
    settings: str | None = None,
) -> Weights:
    """Put the runs of a cell together, compare them on its evaluation sample, write the weights.

    Args:
        run_files: Trained runs.
        sample_file: Evaluation sample.
        output: Weights file to write.
        settings: What the runs must have been trained with (`Cell.trained_with`); the settings of
            the first file unless told.

    Raises:
        WeightsError: If a file was trained with other settings.
        SampleError: If the sample is of another distribution.
    """
    parts = [load(file) for file in run_files]
    cell = parts[0].cell
    wanted = settings or cell.trained_with()
    for file, part in zip(run_files, parts, strict=True):
        if part.cell.trained_with() != wanted:
            raise WeightsError(
                f"{file}: trained with other settings than those of this cell in the "
                "configuration (by hand, perhaps). Delete it and run make: only this file is "
                "trained again."
            )
    sample = load_sample(sample_file)
    if sample.features != cell.features or sample.seed != cell.seed:
        raise SampleError(
            f"{sample_file}: drawn from another distribution than {run_files[0]} was trained on. "
            "Run make: it draws what is out of date."
        )
    runs = sum(len(part.runs) for part in parts)
    changes = {"runs": runs, "evaluation_samples": sample.samples}
    points = zip(*(part.points() for part in parts), strict=True)
    finished = gather(
        cell.model_copy(update=changes), [_compare(point, sample) for point in points]
    )
    save(output, finished)
    return finished


def _compare(parts: Sequence[Weights], sample: EvaluationSample) -> Weights:
    """Put runs of one point one behind the other, with their losses."""
    runs = tuple(run for part in parts for run in part.runs)
    snapshots = {s: join([part.snapshots[s] for part in parts]) for s in parts[0].snapshots}
    weights = Weights(parts[0].cell, runs, join([part.final for part in parts]), None, snapshots)
    return replace(weights, loss=losses(weights, sample))
