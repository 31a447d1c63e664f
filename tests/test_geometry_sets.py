"""Members of sets: apart, opposite, side by side or collapsed; and principal components."""

import numpy as np
import pytest
from test_geometry_graphs import ring
from test_geometry_planar import rays, spun

from superposition.drawing import draw_samples
from superposition.features import tabulate
from superposition.geometry import sets
from superposition.geometry.graphs import components
from superposition.philox import key_of
from superposition.settings import FeatureSettings

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


def test_cosines_within_and_across_sets():
    np.testing.assert_allclose(sets.within(APART, PAIRS[:2]), 0, atol=1e-12)
    np.testing.assert_allclose(sets.across(APART, PAIRS[:2]), [-1, 0, 0, -1], atol=1e-12)
    np.testing.assert_allclose(sets.within(APART, ((0, 2), (1, 3))), -1)
    W = np.random.default_rng(0).standard_normal((3, 6))
    groups = ((0, 1, 2), (3, 4, 5))
    assert sets.within(W, groups).size == 6
    assert sets.across(W, groups).size == 9
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


def test_a_set_with_a_member_at_zero_is_not_adjacent():
    W = HEXAGON * [1, 0.1, 1, 1, 1, 1]
    np.testing.assert_array_equal(sets.are_adjacent(W, PAIRS), [False, True, True])


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


def test_merged_pairs_leave_a_polytope_that_has_a_name():
    assert [part.name for part in components(sets.merged(COLLAPSED, PAIRS))] == ["triangle"]
    np.testing.assert_allclose(np.linalg.norm(sets.merged(COLLAPSED, PAIRS), axis=0), 1)
    W = np.hstack([rays([0, 0], np.sqrt(0.5)), rays([72, 144, 216, 288])])
    assert [part.name for part in components(W)] == ["6 features in 2 dimensions"]
    assert [part.name for part in components(sets.merged(W, PAIRS))] == ["pentagon"]
    np.testing.assert_array_equal(sets.merged(HEXAGON, PAIRS), HEXAGON)


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
def test_covariance_is_that_of_the_samples(value_range, groups):
    features = settings(0.4, value_range=value_range, **groups)
    x = draw_samples(tabulate(features), key_of("a run"), 0, 200_000).astype(np.float64)
    np.testing.assert_allclose(sets.covariance(features), np.cov(x.T), atol=0.003)


def test_covariance_of_unequal_features_by_hand():
    features = settings((1.0, 0.5, 0.5), n=3, correlated=((1, 2),))
    expected = [[1 / 12, 0, 0], [0, 1 / 6 - 1 / 16, 1 / 16], [0, 1 / 16, 1 / 6 - 1 / 16]]
    np.testing.assert_allclose(sets.covariance(features), expected)


def test_principal_angles_of_known_subspaces():
    tilt = np.radians(20)
    A = np.array([[1, 0], [0, np.cos(tilt)], [0, np.sin(tilt)], [0, 0]])
    B = np.eye(4)[:, :2]
    np.testing.assert_allclose(sets.principal_angles(A, B), [0, 20], atol=1e-9)
    np.testing.assert_allclose(sets.principal_angles(A, np.eye(4)[:, :3]), 0, atol=1e-9)
    np.testing.assert_allclose(sets.principal_angles(np.eye(4)[:, 2:], B), 90, atol=1e-9)


def test_collapsed_pairs_are_what_pca_finds_and_the_hexagon_is_not():
    covariance = sets.covariance(settings(0.6, correlated=PAIRS))
    np.testing.assert_allclose(sets.pca_angles(spun(COLLAPSED, 0), covariance), 0, atol=1e-6)
    assert sets.pca_angles(HEXAGON, covariance).max() > 10


def test_every_subspace_is_pcas_if_all_features_are_always_on():
    covariance = sets.covariance(settings(1.0, correlated=PAIRS))
    for W in (HEXAGON, np.random.default_rng(0).standard_normal((2, 6))):
        np.testing.assert_allclose(sets.pca_angles(W, covariance), 0, atol=1e-6)


def test_random_weights_are_not_pcas():
    covariance = sets.covariance(settings(0.3, correlated=PAIRS))
    angles = [
        sets.pca_angles(np.random.default_rng(seed).standard_normal((2, 6)), covariance).max()
        for seed in range(20)
    ]
    assert min(angles) > 5
