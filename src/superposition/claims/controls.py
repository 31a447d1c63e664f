"""Networks on which claims must fail.

Each control keeps as much of the trained network as it can and destroys the one thing that the
claim is about. Controls come from generators seeded by what they replace, so they are the same
in every build.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from superposition.base.canonical import canonical_json, digest
from superposition.claims.claim import Control
from superposition.claims.networks import Library
from superposition.measure.dictionaries.record import Kind
from superposition.measure.elementary import normal, power
from superposition.measure.geometry.shapes import polygon, tegum
from superposition.measure.geometry.singular import decompose
from superposition.measure.metrics import dimensions_per_feature, norms, product
from superposition.measure.network import BEST, Network


def _generator(name: str, network: Network) -> np.random.Generator:
    # Rounded: densities that are computed must not have other seeds for their last digit.
    density = float(f"{network.density:.9g}")
    where = [name, network.experiment, network.model, density, network.run]
    where += [value for value in network.swept.values() if value != 1]
    return np.random.default_rng(int(digest(canonical_json(where))[:16], 16))


def _other(network: Network, **changed: Any) -> Network:
    """The network with something else in place of what it learned, whose loss nobody has taken."""
    return replace(network, **{"loss": math.nan, **changed})


def _shuffled(network: Network, _: Library) -> Network:
    order = _generator("shuffled", network).permutation(network.W.shape[1])
    return _other(network, W=network.W[:, order], b=network.b[order])


def _scattered(network: Network, _: Library) -> Network:
    directions = normal(_generator("scattered", network), network.W.shape)
    return _other(network, W=directions / norms(directions) * norms(network.W))


def _untrained(network: Network, _: Library) -> Network:
    """A fresh start: normal weights of variance 2 / (n + m), biases 0."""
    n_hidden, n_features = network.W.shape
    generator = _generator("untrained", network)
    scale = np.sqrt(2 / (n_features + n_hidden))
    W = scale * normal(generator, network.W.shape)
    untied = network.W_out is not None
    W_out = scale * normal(generator, (n_features, n_hidden)) if untied else None
    c = None if network.hidden_bias is None else np.zeros(n_hidden)
    return _other(network, W=W, W_out=W_out, b=np.zeros(n_features), hidden_bias=c)


def _rotated(network: Network, _: Library) -> Network:
    size = len(network.W)
    turned = decompose(normal(_generator("rotated", network), (size, size))).left
    return _other(network, W=product(turned, network.W))


def _misread(network: Network, _: Library) -> Network:
    assert network.W_out is not None, "only untied networks have output weights to be dealt"
    generator = _generator("misread", network)
    dealt = [generator.permutation(column) for column in network.W_out.T]
    return _other(network, W_out=np.stack(dealt, axis=1))


def _linear_optimum(network: Network, _: Library) -> Network:
    """The best linear model: the m most important features, a dimension each."""
    n_hidden, n_features = network.W.shape
    W = np.eye(n_hidden, n_features)
    return _other(network, W=W, b=np.where(W.any(axis=0), 0.0, network.density / 2))


def _projection(network: Network, _: Library) -> Network:
    """A projection to random directions, the best linear model of equal features."""
    n_hidden, n_features = network.W.shape
    start = normal(_generator("projection", network), (n_features, n_hidden))
    return _other(network, W=decompose(start).left.T)


def _falling(network: Network, _: Library) -> Network:
    # Ends where the paper's curve does.
    star = float(power(network.density, 2 / 3))
    return _other(network, W=network.W * np.sqrt(dimensions_per_feature(network.W) / star))


def _pentagons(network: Network, _: Library) -> Network:
    n_hidden, n_features = network.W.shape
    pentagons = tegum(*[polygon(5)] * min(n_hidden // 2, n_features // 5))
    W = np.zeros_like(network.W)
    W[: pentagons.shape[0], : pentagons.shape[1]] = pentagons
    return _other(network, W=W)


def _straight(network: Network, _: Library) -> Network:
    """Weights and loss go evenly from those of the first snapshot to those of the last."""
    path = network.trajectory
    assert path is not None, "claims about training need snapshots"
    share = (path.steps - path.steps[0]) / (path.steps[-1] - path.steps[0])
    W = path.W[0] + share[:, None, None] * (path.W[-1] - path.W[0])
    loss = path.loss[0] + share * (path.loss[-1] - path.loss[0])
    return replace(network, trajectory=replace(path, W=W, loss=loss))


def _with_others_losses(network: Network, library: Library) -> Network | None:
    """Weights of a run, with the losses of the next one."""
    cell = library.counterpart_cell(network, network.model)
    if cell is None or network.trajectory is None or len(cell) < 2:
        return None
    runs = cell.weights.runs
    at = cell.weights.best if network.run == BEST else runs.index(network.run)
    other = cell[(at + 1) % len(cell)].trajectory
    assert other is not None, "runs of one cell have the same snapshots"
    return replace(network, trajectory=replace(network.trajectory, loss=other.loss))


def _unlearned(network: Network, _: Library) -> Network:
    found = network.dictionaries
    assert found is not None, "claims about dictionaries need them"
    generator = _generator("unlearned", network)
    trained = []
    for one in found.trained:
        directions = normal(generator, one.decoder.shape)
        decoder = (directions / norms(directions.T)[:, None]).astype(np.float32)
        # All are alive, and those that were are active as often.
        trained.append(replace(one, decoder=decoder, fired=np.maximum(one.fired, 1)))
    return replace(network, dictionaries=replace(found, trained=trained))


def _turned_penalties(network: Network, _: Library) -> Network:
    found = network.dictionaries
    assert found is not None, "claims about dictionaries need them"
    turned = dict(zip(found.settings.penalties, reversed(found.settings.penalties), strict=True))
    trained = [
        replace(one, level=turned[one.level] if one.kind == "relu" else one.level)
        for one in found.trained
    ]
    return replace(network, dictionaries=replace(found, trained=trained))


def _turned_kinds(network: Network, _: Library) -> Network:
    found = network.dictionaries
    assert found is not None, "claims about dictionaries need them"
    turned: dict[Kind, Kind] = {"relu": "jumprelu", "topk": "topk", "jumprelu": "relu"}
    trained = [replace(one, kind=turned[one.kind]) for one in found.trained]
    return replace(network, dictionaries=replace(found, trained=trained))


def _next_relu(network: Network, library: Library) -> Network | None:
    if network.model == "relu":
        return network
    cell = library.counterpart_cell(network, "relu")
    if cell is None or len(cell) < 2:
        return None
    next_best = int(np.argsort(cell.loss, kind="stable")[1])
    runs = cell.weights.runs
    other = next_best if network.run == BEST else (runs.index(network.run) + 1) % len(runs)
    return replace(cell[other], model=network.model)


SHUFFLED = Control("the same features in another order of importance", _shuffled)
SCATTERED = Control("the same lengths in random directions", _scattered)
MISMATCHED = Control(
    "these losses beside the same lengths in random directions",
    lambda network, library: replace(_scattered(network, library), loss=network.loss),
)
UNTRAINED = Control("a random start, with weights of variance 2 / (n + m)", _untrained)
ROTATED = Control("the same features in a random basis of the hidden space", _rotated)
MISREAD = Control("each neuron's output weights assigned to other features", _misread)
UNBIASED = Control(
    "the same weights without hidden biases",
    lambda network, _: _other(network, hidden_bias=np.zeros(len(network.W))),
)
LINEAR_OPTIMUM = Control("the best linear model", _linear_optimum)
PROJECTION = Control("minima for equally important features", _projection)
WITHOUT_RELU = Control(
    "the same weights without ReLU", lambda network, _: _other(network, model="linear")
)
LINEAR = Control(
    "the linear model at the same densities",
    lambda network, library: library.counterpart(network, "linear"),
)
RELU = Control(
    "the ReLU model at the same densities",
    lambda network, library: library.counterpart(network, "relu"),
)
NEXT_RELU = Control("the ReLU model's next run; for the best run, the next best", _next_relu)
CORRELATED = Control(
    "the same number of features in correlated pairs",
    lambda network, library: library.closest("correlated_hexagon", network),
)
FALLING = Control("the same networks scaled to a D* that falls evenly", _falling)
AS_MANY = Control(
    "the same networks scaled to the features of 30 dimensions",
    # That is the paper's m.
    lambda network, _: _other(network, W=network.W * np.sqrt(30 / len(network.W))),
)
PENTAGONS = Control("a pentagon in every two hidden dimensions", _pentagons)
STRAIGHT = Control("the same start and end, joined by a straight line", _straight)
OTHERS_LOSSES = Control("the same runs, with the losses of others", _with_others_losses)
FROM_NEAR_ZERO = Control(
    "the same from initial weights near the origin",
    lambda network, library: library.closest("transformations", network),
)
DEALT = Control("the same features assigned to other sets", _shuffled)
UNLEARNED = Control("the same dictionaries before training, random directions", _unlearned)
TURNED_PENALTIES = Control("the same dictionaries, penalties in reverse order", _turned_penalties)
TURNED_KINDS = Control("the same dictionaries, ReLU and JumpReLU interchanged", _turned_kinds)
