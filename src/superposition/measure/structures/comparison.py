"""The losses of structures beside those of trained networks: the comparison that needs no luck.

A trained network's loss is known on its evaluation sample; so a structure's is computed there as
well, beside the expected losses of both, which are exact. Those of trained networks in which too
many features share are not known.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from superposition.base.tables import Table
from superposition.measure.metrics import gram
from superposition.measure.network import Network, TrainedCell
from superposition.measure.structures import COMPARED
from superposition.measure.structures.build import construct
from superposition.measure.structures.exact import MOST, expected_loss
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights
from superposition.training.evaluate import evaluation_sample_of, losses


def comparison(cells: Sequence[TrainedCell]) -> Table:
    """A row for each cell and each structure that its experiment is compared with.

    Columns: experiment, cell, structure, its expected loss and that of the cell's lowest-loss run
    (means over features; nan where it is not known), and both on the evaluation sample.
    """
    rows = [row for cell in cells for row in _rows(cell)]
    names = ("experiment", "cell", "structure", *_LOSSES)
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


_LOSSES = ("expected", "expected_trained", "on_sample", "on_sample_trained")


def _rows(cell: TrainedCell) -> Iterator[tuple[str | float, ...]]:
    importance = np.asarray(cell.cell.model.importance)
    for structure in COMPARED.get(cell.experiment, ()):
        built = construct(structure, cell.cell.features, cell.cell.model.n_hidden, importance)
        if built.model == cell.model or (built.model == "relu" and cell.model == "relu_hidden"):
            losses = (built.loss, expected(cell.best), on_sample(cell, built), cell.best.loss)
            yield cell.experiment, cell.name.partition("/")[2], structure, *losses


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
