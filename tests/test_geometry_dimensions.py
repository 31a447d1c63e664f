"""Sticky lines are found where features cluster, and nowhere in the same features blurred."""

from fractions import Fraction

import numpy as np
import pytest
from test_geometry_graphs import ANTIPRISM, DIGON, PENTAGON, TETRAHEDRON, TRIANGLE, block, hidden

from superposition.measure.geometry import dimensions
from superposition.measure.geometry.dimensions import FLANK, NAMED, lines
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality

SPARSE = np.array([0.5, 0.4])


def found(D, D_star=SPARSE, **options):
    return {line.name for line in lines(D, D_star, **options) if line.is_there}


def polytopes():
    """Return two networks with digons, pentagons, and one tetrahedron, triangle and antiprism."""
    shared = [TETRAHEDRON, TRIANGLE, ANTIPRISM]
    nets = [block(*[DIGON] * 20, *[PENTAGON] * 5, *shared), block(*[DIGON] * 17, *[PENTAGON] * 8)]
    rank, size = 60, 80
    return [
        hidden(np.pad(net, ((0, rank - net.shape[0]), (0, size - net.shape[1]))), 1) for net in nets
    ]


def test_lines_are_there_where_ten_features_stand_and_not_where_fewer_do():
    D = np.stack([feature_dimensionality(W) for W in polytopes()])
    by_name = {line.name: line for line in lines(D, SPARSE)}
    counts = {name: line.count for name, line in by_name.items()}
    expected = {"tetrahedron": 4, "triangle": 3, "digon": 74, "pentagon": 65, "square antiprism": 8}
    assert counts == expected
    assert found(D) == {"digon", "pentagon"}
    assert found(np.tile(D, (4, 1)), np.tile(SPARSE, 4)) == set(NAMED)


def test_blurred_features_have_no_lines_but_the_same_density():
    """Moved so far, the features of a line spread evenly over it and both its flanks."""
    D = np.tile(np.stack([feature_dimensionality(W) for W in polytopes()]), (4, 1))
    for seed in range(5):
        moved = D + np.random.default_rng(seed).uniform(-2 * FLANK, 2 * FLANK, D.shape)
        assert found(moved, np.full(8, 0.4)) == set()
        wide = [np.histogram(d, [-0.1, 0.2, 0.44, 0.58, 0.9])[0] for d in (D, moved)]
        np.testing.assert_array_equal(*wide)


def test_a_line_with_one_crowded_flank_is_none():
    D = np.concatenate([np.full(20, 0.5), np.full(11, 0.5125)])[None]
    (line,) = lines(D, np.array([0.5]), {"digon": Fraction(1, 2)})
    assert (line.count, line.below, line.above) == (20, 0, 11)
    assert not line.is_there


def test_dense_levels_are_left_out():
    D = np.full((2, 30), 0.5)
    assert found(D, np.array([1.0, 0.95])) == set()
    assert found(D, np.array([1.0, 0.94])) == {"digon"}


def test_share_on_lines_counts_learned_features_only():
    D = np.array([[0.5, 0.4, 0.3, 0.05], [0.9, 0.9, 0.9, 0.9]])
    assert dimensions.share_on_lines(D, np.array([0.5, 0.99]), 0.1) == pytest.approx(2 / 3)
    assert np.isnan(dimensions.share_on_lines(D, np.array([1.0, 0.99]), 0.1))


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
