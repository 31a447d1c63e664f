"""The feature graph falls into the polytopes that weights were built from; random ones do not.

Sticky lines are found where features cluster, and nowhere in the same features blurred.
"""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from superposition.measure.geometry import dimensions, shapes
from superposition.measure.geometry.graphs import components, edge_weights, polytope_name
from superposition.measure.geometry.singular import effective_rank
from superposition.measure.metrics import cosines, dimensions_per_feature


def names(parts):
    """Return how many components there are of each name."""
    return Counter(part.name for part in parts)


def prism(k, height, twist):
    upper = ring(k)
    c, s = np.cos(twist), np.sin(twist)
    flat = np.hstack([upper, np.array([[c, -s], [s, c]]) @ upper])
    return np.vstack([np.sqrt(1 - height**2) * flat, np.repeat([height, -height], k)])


ring, block, regular_simplex = shapes.polygon, shapes.tegum, shapes.simplex
SINGLE, DIGON, TRIANGLE, PENTAGON = np.ones((1, 1)), np.array([[1.0, -1.0]]), ring(3), ring(5)
TETRAHEDRON = np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / np.sqrt(3)
ANTIPRISM = prism(4, 1 / np.sqrt(3), np.pi / 4)
GOLDEN = (1 + np.sqrt(5)) / 2
ICOSAHEDRON = np.array(
    [np.roll((0, a, b * GOLDEN), t) for t in range(3) for a in (1, -1) for b in (1, -1)]
).T / np.sqrt(1 + GOLDEN**2)


def hidden(W, seed, m=None, noise=0.0):
    """Return weights in a random basis of m dimensions, in a random order, with noise."""
    random = np.random.default_rng(seed)
    m = m or W.shape[0]
    basis = np.linalg.qr(random.standard_normal((m, m)))[0][:, : W.shape[0]]
    order = random.permutation(W.shape[1])
    return (basis @ W)[:, order] + noise * random.standard_normal((m, W.shape[1]))


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ([DIGON, DIGON], {"digon": 2}),
        ([DIGON, DIGON, DIGON], {"digon": 3}),
        ([TRIANGLE, DIGON], {"triangle": 1, "digon": 1}),
        ([PENTAGON, DIGON], {"pentagon": 1, "digon": 1}),
        (
            [TETRAHEDRON, PENTAGON, ANTIPRISM, DIGON, DIGON, SINGLE],
            {"digon": 2, "tetrahedron": 1, "pentagon": 1, "square antiprism": 1, "single": 1},
        ),
    ],
    ids=["square", "octahedron", "triangular bipyramid", "pentagonal bipyramid", "many"],
)
def test_a_tegum_product_falls_into_its_factors(factors, expected):
    W = block(*factors)
    for seed in range(3):
        parts = components(hidden(W, seed, m=W.shape[0] + 1, noise=0.01))
        assert names(parts) == expected
        assert sum(part.dimensions for part in parts) == W.shape[0]
        assert sorted(i for part in parts for i in part.members) == list(range(W.shape[1]))
        assert [part.members[0] for part in parts] == sorted(part.members[0] for part in parts)


def test_features_that_are_not_represented_are_in_no_component():
    W = hidden(np.hstack([block(PENTAGON, DIGON), 0.2 * np.ones((3, 4))]), 0)
    assert names(components(W)) == {"pentagon": 1, "digon": 1}
    assert components(np.zeros((3, 4))) == ()


def test_names_rest_on_cosines_and_neither_on_counts_nor_on_lengths():
    turned = ring(5)
    turned[:, 4] = ring(20)[:, 1]  # five in the plane, but two of them 18 degrees apart
    crowded = np.array([[1.0, 0.8, -1, -0.8], [0, 0.6, 0, -0.6]])
    for W in (turned, crowded, ring(3)[:, [0, 1, 1]]):
        (part,) = components(W)
        assert part.name == f"{W.shape[1]} features in 2 dimensions"
        assert not part.is_named
    (part,) = components(np.array([[1.0, 1.0], [0.0, 0.0]]))
    assert part.name == "2 features in 1 dimension"
    (part,) = components(PENTAGON * [1.2, 1.0, 1.1, 0.9, 1.0])
    assert part.name == "pentagon"


def test_cube_octagon_and_random_vectors_are_no_square_antiprism():
    random = np.random.default_rng(0).standard_normal((200, 3, 8))
    for W in (*random, prism(4, 0.4, 0), block(ring(7), SINGLE)):
        assert polytope_name(W, 3) != "square antiprism"


@pytest.mark.parametrize(("k", "d"), [(3, 2), (5, 2), (4, 3), (8, 3)])
def test_random_directions_are_hardly_ever_named(k, d):
    random = np.random.default_rng(k).standard_normal((300, d, k))
    assert np.mean([polytope_name(W, d) is not None for W in random]) < 0.03


def test_untrained_weights_are_one_component_of_no_name():
    W = np.random.default_rng(1).standard_normal((20, 60))
    (part,) = components(W / np.sqrt((W**2).sum(axis=0)))
    assert part.name == "60 features in 20 dimensions"


def test_pairs_that_crowd_are_not_taken_for_digons():
    # Six diagonals of the icosahedron: antipodal pairs, but with D_i of 1/4 and not 1/2.
    (part,) = components(hidden(ICOSAHEDRON, 0))
    assert part.name == "icosahedron"
    (part,) = components(hidden(ICOSAHEDRON[:, :10], 0))
    assert part.name == "10 features in 3 dimensions"
    leaning = np.array([[1, -1, 0.15, -0.15], [0, 0, np.sqrt(1 - 0.15**2), -np.sqrt(1 - 0.15**2)]])
    assert [part.members for part in components(leaning)] == [(0, 1, 2, 3)]


def test_edges_are_absolute_products_above_the_threshold_between_represented_features():
    W = np.array([[1.0, -2.0, 0.05, 0.3], [0.0, 0.0, 1.0, 0.0]])
    np.testing.assert_allclose(edge_weights(W)[0], [0, 2, 0.05, 0.3])
    for scale, expected in (
        ([1, 1, 1, 1], [(0, 1), (2,)]),
        ([1, 1, 1, 2], [(0, 1, 3), (2,)]),
        ([1, 1, 3, 1], [(0, 1, 2)]),
    ):
        assert [part.members for part in components(W * scale)] == expected


def test_effective_rank_ignores_noise_and_counts_every_real_dimension():
    W = hidden(TETRAHEDRON, 0, m=10)
    assert effective_rank(W) == 3
    assert effective_rank(W + 0.05 * np.random.default_rng(2).standard_normal(W.shape)) == 3
    assert effective_rank(np.zeros((3, 4))) == 0
    assert np.abs(cosines(W) - cosines(hidden(TETRAHEDRON, 0))).max() < 1e-12


# Sticky lines


def test_share_on_lines_counts_learned_features_only():
    D = np.array([[0.5, 0.4, 0.3, 0.05], [0.9, 0.9, 0.9, 0.9]])
    assert dimensions.share_on_lines(D, np.array([0.5, 0.99]), 0.1) == pytest.approx(2 / 3)
    assert np.isnan(dimensions.share_on_lines(D, np.array([1.0, 0.99]), 0.1))


def test_a_line_is_sharp_if_nothing_is_beside_it():
    pentagons = dimensions.Members("pentagon", Fraction(2, 5), np.array([0.39, 0.396, 0.45]))
    even = np.linspace(0, 1, 100_001)
    assert pentagons.share_on_line(even) == pytest.approx(1 / 3, abs=1e-3)
    assert pentagons.share_on_line(np.array([0.392, 0.4, 0.5, 0.1])) == 1
    assert pentagons.share_on_line(np.array([0.392, 0.404])) == 0.5
    assert np.isnan(pentagons.share_on_line(np.array([0.5])))
    assert np.isnan(replace(pentagons, D=np.array([])).share_on_line(even))


def test_features_per_dimension_is_the_inverse_of_dimensions_per_feature():
    W = block(PENTAGON, DIGON)
    assert dimensions.features_per_dimension(W) == pytest.approx(7 / 3)
    assert dimensions.features_per_dimension(W) == pytest.approx(1 / dimensions_per_feature(W))
    assert dimensions.features_per_dimension(np.zeros((2, 3))) == 0
    assert dimensions.features_per_dimension(np.stack([W, 2 * W])).shape == (2,)


def test_plateau_and_fall_of_dimensions_per_feature():
    D_star = np.array([1.0, 0.6, 0.529, 0.51, 0.471, 0.3])
    np.testing.assert_array_equal(dimensions.on_plateau(D_star), [0, 0, 1, 1, 1, 0])
    assert dimensions.on_plateau(D_star, at=1.0).sum() == 1
    assert dimensions.largest_rise(D_star) == pytest.approx(-0.019)
    assert dimensions.largest_rise(D_star[::-1]) > 0
    assert dimensions.largest_rise(D_star[:1]) == -np.inf
