"""Numbers measured on the neurons of one network, from which claims are made."""

import numpy as np

from superposition import neurons
from superposition.claims.records import Network, Repetition
from superposition.claims.statistics import of_nothing
from superposition.metrics import cosines
from superposition.theory.linear import ignored

_SAMPLES = 2000
"""Samples with active features on which networks are measured."""


def _layers(network: Network) -> neurons.Layers:
    """Return both layers; of untied networks rescaled, as the paper does before it looks."""
    both = neurons.layers(network.W, network.W_out)
    return both if network.W_out is None else neurons.rescaled(both)


def _signed(network: Network) -> bool:
    return network.features.value_range == "signed"


def kurtosis_ratios(networks: Repetition) -> tuple[float, ...]:
    """Return the kurtosis of W with a ReLU hidden layer over that with a linear one, by density."""
    linear = {n.density: neurons.kurtosis(n.W) for n in networks if n.model == "relu"}
    return tuple(neurons.kurtosis(n.W) / linear[n.density] for n in networks if n.model != "relu")


def units_on(network: Network) -> float:
    """Return the part of hidden units that are on, over units and samples with active features.

    On samples of the network's own features, drawn with equal seeds.
    """
    generator = np.random.default_rng(0)
    n = network.W.shape[1]
    x = np.where(
        generator.random((_SAMPLES, n)) < network.density, generator.random((_SAMPLES, n)), 0.0
    )
    x = x[x.any(axis=1)]
    bias = np.zeros(len(network.W)) if network.hidden_bias is None else network.hidden_bias
    h = np.repeat(bias[:, None], len(x), axis=1)
    for i in range(n):
        h += network.W[:, i, None] * x[:, i]
    return float((h > 0).mean())


def count_monosemantic(network: Network) -> float:
    """Return the number of neurons that respond to a single feature."""
    return float(neurons.is_monosemantic(_layers(network), _signed(network)).sum())


def count_polysemantic(network: Network) -> float:
    """Return the number of neurons that respond to several features."""
    return float(neurons.is_polysemantic(_layers(network), _signed(network)).sum())


def count_in_neurons(network: Network) -> float:
    """Return the number of features of which more than half comes back through the neurons."""
    return float(neurons.is_represented(_layers(network), _signed(network)).sum())


def count_in_two(network: Network) -> float:
    """Return the number of features that exactly two neurons carry."""
    return float((neurons.carried(_layers(network), _signed(network)).sum(axis=0) == 2).sum())


def count_codes(network: Network) -> float:
    """Return how many different pairs of neurons there are that carry a feature."""
    carried = neurons.carried(_layers(network), _signed(network)).T
    return float(len({tuple(np.flatnonzero(code)) for code in carried if code.sum() == 2}))


def common_against_both(network: Network) -> float:
    """Return the largest |cosine| of the fourth feature with the fifth and the sixth."""
    return float(np.abs(cosines(network.W)[3, 4:6]).max())


def fifth_and_sixth(network: Network) -> float:
    """Return the cosine of the fifth feature and the sixth."""
    return float(cosines(network.W)[4, 5])


def signs_of_their_own(network: Network) -> float:
    """Return how many signs of features have a neuron that no other has."""
    both = _layers(network)
    first = neurons.primary(both.W, signed=True)
    own = neurons.is_monosemantic(both, signed=True)
    positive = both.W[np.arange(len(both.W)), first] > 0
    return float(
        len({(int(i), bool(s)) for i, s, o in zip(first, positive, own, strict=True) if o})
    )


def farthest_product(network: Network) -> float:
    """Return the largest distance from 1 of a neuron's W_1 W_2 for the feature it is about."""
    both = _layers(network)
    products = neurons.contributions(both, signed=True)
    first = neurons.primary(both.W, signed=True)
    return float(np.abs(products[np.arange(len(products)), first] - 1).max())


def loss_in_parts(network: Network) -> float:
    """Return the loss in parts of that of answering with the mean of |x|."""
    return network.loss / of_nothing(network)  # |x| of signed features is distributed as x is


def more_important(network: Network) -> float:
    """Return how often a monosemantic neuron's first feature is more important than another's.

    Over all pairs of a monosemantic and a polysemantic neuron; a tie counts half. 1/2 if one has
    nothing to do with the other; not a number if all neurons are of one kind.
    """
    both = _layers(network)
    first = neurons.primary(both.W, _signed(network))
    mono = first[neurons.is_monosemantic(both, _signed(network))]
    poly = first[neurons.is_polysemantic(both, _signed(network))]
    if not mono.size or not poly.size:
        return float("nan")
    before = np.sign(poly[None, :] - mono[:, None])
    return float((before + 1).mean() / 2)


def typical_second(network: Network) -> float:
    """Return the median over polysemantic neurons of their second largest |W_1|, rescaled."""
    both = _layers(network)
    poly = neurons.is_polysemantic(both, _signed(network))
    shares = neurons.second_share(both.W, _signed(network))[poly]
    return float(np.median(shares)) if shares.size else float("nan")


def typical_secondary(network: Network) -> float:
    """Return the median over polysemantic neurons of how many further |W_1| exceed a tenth."""
    both = _layers(network)
    poly = neurons.is_polysemantic(both, _signed(network))
    further = (np.abs(both.W[poly]) >= 0.1).sum(axis=1) - 1
    return float(np.median(further)) if further.size else float("nan")


def count_learned(network: Network) -> float:
    """Return for how many features the loss is less than half of that of ignoring them."""
    return float((feature_losses(network) < 0.5).sum())


def feature_losses(network: Network) -> np.ndarray:
    """Return each feature's loss in parts of that of answering with the mean of |x|, `[n]`.

    Of signed features, on two fixed samples: in one they are active as they come, and it tells what
    their outputs make of other features; in the other each is made active in as many samples as any
    other, to tell how well its own absolute value comes out however rare it is.
    """
    n, p = network.W.shape[1], network.density
    generator = np.random.default_rng(0)
    rows = int(_SAMPLES / (1 - (1 - p) ** n))
    active = generator.random((rows, n)) < p
    active = active[active.any(axis=1)]
    inactive = np.where(active, 0.0, _errors(network, active, generator)).sum(axis=0)
    empty = (rows - len(active)) * np.maximum(network.b, 0.0) ** 2
    forced = np.arange(_SAMPLES) % n
    active = generator.random((_SAMPLES, n)) < p
    active[np.arange(_SAMPLES), forced] = True
    own = _errors(network, active, generator)[np.arange(_SAMPLES), forced]
    mean = np.bincount(forced, own, n) / np.bincount(forced, minlength=n)
    found: np.ndarray = (inactive + empty) / rows + p * mean
    return found / float(ignored(p))


def _errors(network: Network, active: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the squared errors on samples with these features active, `[samples, n]`."""
    x = np.where(active, generator.uniform(-1, 1, active.shape), 0.0)
    errors: np.ndarray = (np.abs(x) - _output(network, x)) ** 2
    return errors


def _output(network: Network, x: np.ndarray) -> np.ndarray:
    """Return y of an untied network for samples x, `[samples, n]`."""
    both = neurons.layers(network.W, network.W_out)
    h = np.zeros((len(both.W), len(x)))
    for i in range(x.shape[1]):
        active = np.flatnonzero(x[:, i])
        h[:, active] += both.W[:, i, None] * x[active, i]
    y = np.repeat(network.b[:, None], len(x), axis=1)
    for activation, out in zip(np.maximum(h, 0.0), both.W_out.T, strict=True):
        y += out[:, None] * activation
    found: np.ndarray = np.maximum(y, 0.0).T
    return found
