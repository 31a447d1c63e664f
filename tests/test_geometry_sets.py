"""Members of sets: apart, opposite, side by side or collapsed; and principal components."""

import numpy as np
import pytest
from ideal_sets import rays
from test_geometry_graphs import ring
from test_geometry_planar import spun

from superposition.config.settings import FeatureSettings
from superposition.measure.geometry import sets
from superposition.sampling.distribution import moments, tabulate
from superposition.sampling.philox import key_of
from superposition.sampling.sample import draw_samples

PAIRS = ((0, 1), (2, 3), (4, 5))
HEXAGON = ring(6)
APART = np.array([[1.0, 0, -1, 0], [0, 1, 0, -1]])  # (0, 1) and (2, 3) at right angles
COLLAPSED = rays([0, 0, 120, 120, 240, 240], np.sqrt(0.5))


def settings(probability, n=6, value_range="unit", **groups):
    if np.isscalar(probability):
        probability = (probability,) * n
    return FeatureSettings(
        n_features=n, feature_probability=probability, value_range=value_range, **groups
    )


def test_cosines_within_sets():
    np.testing.assert_allclose(sets.within(APART, PAIRS[:2]), 0, atol=1e-12)
    np.testing.assert_allclose(sets.within(APART, ((0, 2), (1, 3))), -1)
    W = np.random.default_rng(0).standard_normal((3, 6))
    groups = ((0, 1, 2), (3, 4, 5))
    assert sets.within(W, groups).size == 6
    assert sets.largest_overlap_within(2 * W, groups) == pytest.approx(
        4 * max(np.abs((W.T @ W)[i, j]) for g in groups for i in g for j in g if i < j)
    )


def test_partners_of_the_hexagon_stand_side_by_side_and_opposite_ones_do_not():
    assert sets.are_adjacent(HEXAGON, PAIRS).all()
    assert sets.are_adjacent(HEXAGON, ((5, 0), (1, 2), (3, 4))).all()
    np.testing.assert_array_equal(
        sets.are_adjacent(HEXAGON, ((0, 3), (1, 2), (4, 5))), [False, True, True]
    )
    assert sets.are_adjacent(HEXAGON, ((0, 1, 5), (2, 3, 4))).all()
    assert not sets.are_adjacent(HEXAGON, ((0, 2, 4),)).any()
    at_zero = HEXAGON * [1, 0.1, 1, 1, 1, 1]
    np.testing.assert_array_equal(sets.are_adjacent(at_zero, PAIRS), [False, True, True])


def test_collapsed_pairs_are_counted_and_lost_ones_are_not():
    assert sets.is_collapsed(COLLAPSED, PAIRS).sum() == 3
    assert sets.is_collapsed(HEXAGON, PAIRS).sum() == 0
    W = np.hstack([COLLAPSED[:, :2], HEXAGON[:, 2:]])
    np.testing.assert_array_equal(sets.is_collapsed(W, PAIRS), [True, False, False])
    assert sets.is_collapsed(0.1 * COLLAPSED, PAIRS).sum() == 0


def test_difference_of_a_collapsed_pair_is_lost():
    np.testing.assert_allclose(sets.difference_ratio(COLLAPSED, PAIRS), 0, atol=1e-12)
    np.testing.assert_allclose(sets.difference_ratio(HEXAGON, PAIRS), np.tan(np.pi / 6))
    np.testing.assert_allclose(sets.difference_ratio(APART, PAIRS[:2]), 1)
    assert sets.difference_ratio(np.array([[1.0, -1.0]]), ((0, 1),))[0] == np.inf
    assert np.isnan(sets.difference_ratio(np.zeros((2, 2)), ((0, 1),))[0])


@pytest.mark.parametrize("value_range", ["unit", "signed"])
@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"correlated": ((0, 3), (1, 2, 5))},
        {"anticorrelated": ((0, 1), (2, 4, 5))},
        {"correlated": ((0, 1),), "anticorrelated": ((2, 3, 4),)},
    ],
)
def test_moments_are_those_of_the_samples(value_range, groups):
    features = settings(0.4, value_range=value_range, **groups)
    x = draw_samples(tabulate(features), key_of("a run"), 0, 200_000).astype(np.float64)
    mean, covariance = moments(features)
    np.testing.assert_allclose(mean, x.mean(axis=0), atol=0.005)
    np.testing.assert_allclose(covariance, np.cov(x.T), atol=0.003)


def test_covariance_of_unequal_features_by_hand():
    features = settings((1.0, 0.5, 0.5), n=3, correlated=((1, 2),))
    expected = [[1 / 12, 0, 0], [0, 1 / 6 - 1 / 16, 1 / 16], [0, 1 / 16, 1 / 6 - 1 / 16]]
    np.testing.assert_allclose(moments(features)[1], expected)


def test_angles_of_known_subspaces_to_the_leading_components():
    tilt = np.radians(20)
    W = np.array([[1, 0, 0, 0], [0, np.cos(tilt), np.sin(tilt), 0]])
    apart, tied = np.diag([4.0, 3.0, 2.0, 1.0]), np.diag([4.0, 3.0, 3.0, 1.0])
    np.testing.assert_allclose(sets.pca_angles(W, apart), [0, 20], atol=1e-9)
    np.testing.assert_allclose(sets.pca_angles(W, tied), 0, atol=1e-9)
    np.testing.assert_allclose(sets.pca_angles(np.eye(4)[2:], apart), 90, atol=1e-9)


def test_collapsed_pairs_are_what_pca_finds_and_neither_the_hexagon_nor_random_weights_are():
    covariance = moments(settings(0.6, correlated=PAIRS))[1]
    np.testing.assert_allclose(sets.pca_angles(spun(COLLAPSED, 0), covariance), 0, atol=1e-6)
    assert sets.pca_angles(HEXAGON, covariance).max() > 10
    for W in np.random.default_rng(0).standard_normal((20, 2, 6)):
        assert sets.pca_angles(W, covariance).max() > 5


def test_every_subspace_is_pcas_if_all_features_are_always_on():
    covariance = moments(settings(1.0, correlated=PAIRS))[1]
    for W in (HEXAGON, np.random.default_rng(0).standard_normal((2, 6))):
        np.testing.assert_allclose(sets.pca_angles(W, covariance), 0, atol=1e-6)
