"""Structures by name: built, and polished on the exact expected loss.

A structure is a polytope, or as many copies of one as fit, each in dimensions of its own (a tegum
product). Lengths, angles and biases of each copy are those at which the loss is lowest near the
regular polytope. Dimensions that are left over hold a feature each, as long as there are any;
features that are left over are answered with their means.

Two structures have neurons for dimensions: *pairs of neurons*, a feature for every pair, and *two
neurons a feature*, one for its positive and one for its negative values.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from itertools import combinations
from statistics import mode
from typing import Final

import numpy as np
from jaxtyping import Float

from superposition.base.errors import UserError
from superposition.config.models import ModelName
from superposition.config.settings import FeatureSettings
from superposition.measure.caching import cached
from superposition.measure.geometry.graphs import SINGLE
from superposition.measure.geometry.shapes import POLYTOPES, polygon, polygon_name
from superposition.measure.metrics import gram, product
from superposition.measure.network import Network
from superposition.measure.structures import PAIRS_OF_NEURONS, TWO_NEURONS
from superposition.measure.structures.exact import expected_loss
from superposition.measure.structures.sampled import sample_of, sampled_loss
from superposition.measure.theory.minima import descend
from superposition.sampling.distribution import moments, units

STRUCTURES: Final[dict[str, Callable[[], Float[np.ndarray, "d k"]]]] = {
    SINGLE: lambda: np.ones((1, 1)),
    **{name: polytope.build for name, polytope in POLYTOPES.items()},
    **{polygon_name(k): partial(polygon, k) for k in range(6, 9)},
    "square bipyramid": POLYTOPES["octahedron"].build,
}
"""The vertices of every polytope that can be built, by name."""


def size(structure: str, n_hidden: int | None = None) -> tuple[int, int]:
    """The dimensions of one copy of a structure and its features; of neurons, those of so many.

    Raises:
        UserError: If there is no such structure.
    """
    if structure == PAIRS_OF_NEURONS:
        m = n_hidden or 5
        return max(m, 2), m * (m - 1) // 2
    if structure == TWO_NEURONS:
        return 2, max(n_hidden or 2, 2) // 2
    if structure not in STRUCTURES:
        names = [*STRUCTURES, PAIRS_OF_NEURONS, TWO_NEURONS]
        near = get_close_matches(structure, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}."
        raise UserError(f"There is no structure {structure!r}; {hint}")
    d, k = STRUCTURES[structure]().shape
    return d, k


def fits(structure: str, n_features: int, n_hidden: int) -> bool:
    """Whether there is room for a structure."""
    d, k = _least(structure, n_hidden)
    return n_features >= k and n_hidden >= d


def _least(structure: str, n_hidden: int) -> tuple[int, int]:
    """The dimensions and the features without which there is no such structure."""
    return (2, 1) if structure == TWO_NEURONS else size(structure, n_hidden)


def construct(
    structure: str,
    features: FeatureSettings,
    n_hidden: int,
    importance: Float[np.ndarray, " n"],
) -> Network:
    """A solution built by hand, at its best.

    Of correlated sets either the members are neighbours, or far from each other, whichever loses
    less.

    Args:
        structure: What it is made of: a key of `STRUCTURES`, `pairs of neurons` or `two neurons a
            feature`.
        features: The distribution of x. The first features are in the structure.
        n_hidden: m.
        importance: I_i.

    Returns:
        A network whose loss is the expected one, a mean over features; of pairs of neurons, that
        on the sample of `sampled`.

    Raises:
        UserError: If there is no such structure, or if it does not fit n and m.
    """
    n, (d, k) = features.n_features, _least(structure, n_hidden)
    if not fits(structure, n, n_hidden):
        raise UserError(
            f"{structure}: it takes {k} features and {d} dimensions, and does not fit "
            f"n = {n}, m = {n_hidden}."
        )
    if structure == TWO_NEURONS:
        return _two_neurons(features, n_hidden, importance)
    if structure == PAIRS_OF_NEURONS:
        return _pairs(features, n_hidden, importance)
    shape = STRUCTURES[structure]()
    copies = min(n_hidden // d, n // k)
    shapes = [shape] * copies
    shapes += [np.ones((1, 1))] * min(n_hidden - copies * d, n - copies * k)
    orders = [list(range(n)), _spread(features)] if features.correlated else [list(range(n))]
    found = (_tegum(shapes, order, features, n_hidden, importance) for order in orders)
    loss, W, b = min(found, key=lambda each: each[0])
    return _network(W, b, features, importance, loss)


def _spread(features: FeatureSettings) -> list[int]:
    """The features in turn, one of each correlated set: those of a set are far from each other."""
    turns = [(turn, j) for members in units(features) for turn, j in enumerate(members)]
    return [j for _, j in sorted(turns)]


def _tegum(
    shapes: Sequence[np.ndarray],
    order: Sequence[int],
    features: FeatureSettings,
    n_hidden: int,
    importance: Float[np.ndarray, " n"],
) -> tuple[float, Float[np.ndarray, "m n"], Float[np.ndarray, " n"]]:
    """The loss, weights and biases of polished shapes in dimensions of their own.

    Features are at their vertices in this order.
    """
    W, b = np.zeros((n_hidden, len(order))), moments(features)[0]
    row = column = 0
    for shape in shapes:
        d, k = shape.shape
        members = list(order[column : column + k])
        part = _polished(shape, _marginal(features, members), importance[members])
        W[row : row + d, members], b[members] = part
        row, column = row + d, column + k
    return expected_loss(gram(W), b, importance, features)[0], W, b


def _pairs(
    features: FeatureSettings, n_hidden: int, importance: Float[np.ndarray, " n"]
) -> Network:
    """A feature for every pair of neurons: it excites both evenly, and inhibits the others."""
    members = list(combinations(range(n_hidden), 2))
    n, k = features.n_features, len(members)
    start = np.zeros((n_hidden, n))
    start[:, :k] = -1.0
    for feature, pair in enumerate(members):
        start[list(pair), feature] = np.sqrt(0.5)
    sample = sample_of(features)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        W, b = x[n:].reshape(n_hidden, n), x[:n]
        total, by_weight, by_bias = sampled_loss(W, b, importance, sample)
        return total, np.concatenate([by_bias, by_weight.ravel()])

    b = np.where(np.arange(n) < k, 0.0, moments(features)[0])
    x = descend(loss, np.concatenate([b, start.ravel()]))
    W = x[n:].reshape(n_hidden, n)
    return _network(W, x[:n], features, importance, loss(x)[0], "relu_hidden")


def _two_neurons(
    features: FeatureSettings, n_hidden: int, importance: Float[np.ndarray, " n"]
) -> Network:
    """|x_i| as ReLU(x_i) + ReLU(−x_i) for the first features; the others' means for outputs."""
    n, learned = features.n_features, min(n_hidden // 2, features.n_features)
    W = np.zeros((n_hidden, n))
    for i in range(learned):
        W[2 * i : 2 * i + 2, i] = 1.0, -1.0
    magnitudes = features.model_copy(update={"value_range": "unit"})
    b = np.where(np.arange(n) < learned, 0.0, moments(magnitudes)[0])
    # What goes from |x| to the outputs is what goes from x to them in a tied model.
    products = np.diag((np.arange(n) < learned).astype(float))
    loss = expected_loss(products, b, importance, magnitudes)[0]
    return _network(W, b, features, importance, loss, "absolute", np.abs(W).T.copy())


def _network(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " n"],
    loss: float,
    model: ModelName = "relu",
    W_out: Float[np.ndarray, "n m"] | None = None,
) -> Network:
    """The network of these weights; its loss comes as a sum, which may be rounded to below 0."""
    density, mean = mode(features.feature_probability), max(loss, 0.0) / b.size
    return Network(W, b, features, importance, model, density=density, loss=mean, W_out=W_out)


def _marginal(features: FeatureSettings, members: Sequence[int]) -> FeatureSettings:
    """The distribution of some of the features by themselves, numbered as they are listed."""
    place = {j: at for at, j in enumerate(members)}
    p = dict(enumerate(features.feature_probability))
    for whole in features.anticorrelated:
        p |= {j: p[j] * len(place.keys() & whole) / len(whole) for j in whole}
    sets = [
        [tuple(place[j] for j in whole if j in place) for whole in kind]
        for kind in (features.correlated, features.anticorrelated)
    ]
    correlated, anticorrelated = (tuple(s for s in kind if len(s) > 1) for kind in sets)
    return FeatureSettings(
        n_features=len(members),
        feature_probability=tuple(p[j] for j in members),
        correlated=correlated,
        anticorrelated=anticorrelated,
    )


@cached(512)
def _polished(
    vertices: Float[np.ndarray, "d k"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " k"],
) -> tuple[Float[np.ndarray, "d k"], Float[np.ndarray, " k"]]:
    """Weights and biases at the minimum of the loss next to a structure.

    As slopes keep a symmetry, what begins regular stays so where features are alike.
    """
    k = vertices.shape[1]

    def unpack(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x[k:].reshape(vertices.shape), x[:k]

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        W, b = unpack(x)
        value, by_product, by_bias = expected_loss(gram(W), b, importance, features)
        slopes = product(W, by_product + by_product.T)
        return value, np.concatenate([by_bias, slopes.ravel()])

    return unpack(descend(loss, np.concatenate([np.zeros(k), vertices.ravel()])))
