"""The losses of structures beside those of trained networks: the comparison that needs no luck.

A trained network's loss is known on its evaluation sample; so a structure's is computed there as
well, beside the expected losses of both, which are exact. Those of trained networks in which too
many features share are not known.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from superposition.base.tables import Table
from superposition.config.models import MODELS
from superposition.config.settings import Cell
from superposition.measure.metrics import gram
from superposition.measure.network import Network, TrainedCell
from superposition.measure.structures import COMPARED
from superposition.measure.structures.build import construct, fits
from superposition.measure.structures.exact import MOST, expected_loss
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights
from superposition.sampling.sample import EvaluationSample
from superposition.training.evaluate import evaluation_sample_of, losses


def comparison(cells: Sequence[TrainedCell]) -> Table:
    """A row for each cell and each structure that its experiment is compared with.

    Columns: experiment, cell, structure, its expected loss and that of the cell's lowest-loss run
    (means over features; nan where it is not known, or all runs have diverged), both on the
    evaluation sample, and there the loss of answering with the means.
    """
    rows = [row for cell in cells for row in _rows(cell)]
    names = ("experiment", "cell", "structure", *_LOSSES)
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


_LOSSES = ("expected", "expected_trained", "on_sample", "on_sample_trained", "on_sample_of_mean")


def _rows(cell: TrainedCell) -> Iterator[tuple[str | float, ...]]:
    name, of_mean = cell.name.partition("/")[2], _loss_of_mean(cell)
    best = cell.best if len(cell.finite) else None
    trained = (expected(best), best.loss) if best else (np.nan, np.nan)
    for structure, built in _structures(cell):
        losses = (built.loss, trained[0], on_sample(cell, built), trained[1])
        yield cell.experiment, name, structure, *losses, of_mean


def _structures(cell: TrainedCell) -> Iterator[tuple[str, Network]]:
    """The structures that a cell is compared with, by name, at their best."""
    features, importance = cell.cell.features, np.asarray(cell.cell.model.importance)
    if features.normalised or not isinstance(features.value_range, str):
        return  # their expected losses are those of plain values on [0, 1]
    m = cell.cell.model.n_hidden
    for structure in COMPARED.get(cell.experiment, ()):
        if not fits(structure, features.n_features, m):
            continue
        built = construct(structure, features, m, importance)
        if built.model == cell.model or (built.model == "relu" and cell.model == "relu_hidden"):
            yield structure, built


def share_of_best(cell: TrainedCell) -> tuple[float, str]:
    """What the lowest-loss run saves, over what the best structure saves, and which one that is.

    Both over answering with the means, on the evaluation sample. Infinite if there is no structure,
    or none that saves anything.
    """
    losses = [(on_sample(cell, built), structure) for structure, built in _structures(cell)]
    best, structure = min(losses, default=(np.inf, ""))
    of_mean = _loss_of_mean(cell)
    return ((of_mean - cell.best.loss) / (of_mean - best) if best < of_mean else np.inf), structure


def expected(network: Network) -> float:
    """The expected loss of a network, a mean over features; nan if too many of them share."""
    if network.model != "relu" or network.b.size > MOST:
        return np.nan
    total, _, _ = expected_loss(gram(network.W), network.b, network.importance, network.features)
    return total / network.b.size


def on_sample(cell: TrainedCell, network: Network) -> float:
    """The loss of a network on the evaluation sample of a cell."""
    arrays = {"W": network.W, "b": network.b, "W_out": network.W_out}
    final = {name: a[None].astype(np.float32) for name, a in arrays.items() if a is not None}
    weights = Weights(cell.cell, (0,), Parameters(**final))
    return float(losses(weights, evaluation_sample_of(cell.cell))[0])


def _loss_of_mean(cell: TrainedCell) -> float:
    return sampled_loss_of_mean(cell.cell, evaluation_sample_of(cell.cell))


def sampled_loss_of_mean(cell: Cell, sample: EvaluationSample) -> float:
    """The loss of answering with the mean of each target, on a sample of a cell's features."""
    x = sample.x.astype(np.float64)
    target = np.abs(x) if MODELS[cell.model.model].target == "absolute" else x
    # Samples in which nothing is active are only counted.
    first, second = (power.sum(axis=0) / sample.samples for power in (target, target**2))
    return float(np.mean(np.asarray(cell.model.importance) * (second - first**2)))
