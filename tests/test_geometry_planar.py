"""Solutions in the plane: orientation, gaps and kinds; their branches; members of sets."""

import numpy as np
import pytest
from cells import features
from ideal_sets import digons, pentagon, rays

from superposition.config.settings import FeatureSettings
from superposition.measure.geometry import branches, planar, sets
from superposition.measure.geometry.branches import crossing, kind
from superposition.measure.geometry.planar import canonical, classify, neighbour_gaps, unevenness
from superposition.measure.network import Network
from superposition.measure.structures.build import construct
from superposition.measure.structures.crossing import exact_crossing
from superposition.sampling.distribution import moments, tabulate
from superposition.sampling.philox import key_of
from superposition.sampling.sample import draw_samples, evaluation_sample


def spun(W, seed):
    """Return a solution rotated at random, and reflected half the time."""
    random = np.random.default_rng(seed)
    return np.linalg.qr(random.standard_normal((2, 2)))[0] @ W


PENTAGON, HEXAGON = rays(72 * np.arange(5)), rays(60 * np.arange(6))
DIGONS = rays([0, 90, 180, 270, 45], [1, 1, 1, 1, 0.1])


def test_angles_run_from_zero_to_360_counterclockwise():
    W = rays([0, 10, 200, 359])
    np.testing.assert_allclose(planar.angles(W), [0, 10, 200, 359])
    assert planar.angles(np.array([[1.0], [-1e-20]]))[0] < 360
    np.testing.assert_array_equal(planar.around(rays([200, 10, 100], [1, 1, 0.1])), [1, 0])


def test_gaps_are_those_to_the_neighbours_on_either_side():
    gaps = neighbour_gaps(rays([0, 90, 120, 350, 60], [1, 1, 1, 1, 0.2]))
    expected = [[10, 90], [90, 30], [30, 230], [230, 10]]
    np.testing.assert_allclose(gaps[:4], expected)
    assert np.isnan(gaps[4]).all()
    np.testing.assert_allclose(neighbour_gaps(rays([30])), [[360, 360]])
    assert np.isnan(neighbour_gaps(np.zeros((2, 2)))).all()


@pytest.mark.parametrize("feature", [0, 3])
def test_canonical_solutions_are_equal_however_they_were_turned(feature):
    W = rays([10, 95, 170, 260, 300], [1, 1.1, 0.9, 1.2, 1])
    first = canonical(W, feature)
    for seed in range(6):
        np.testing.assert_allclose(canonical(spun(W, seed), feature), first, atol=1e-12)
    np.testing.assert_allclose(first.T @ first, W.T @ W, atol=1e-12)
    assert planar.angles(first)[feature] == pytest.approx(90)
    other = 1 if feature == 0 else 0
    assert 0 < (planar.angles(first)[other] - 90) % 360 < 180


def test_canonical_uses_the_first_represented_feature_if_its_own_is_at_zero():
    W = rays([20, 50, 140], [0.1, 1, 1])
    turned = canonical(W, feature=0)
    np.testing.assert_allclose(planar.angles(turned)[1:], [90, 180], atol=1e-9)
    np.testing.assert_array_equal(canonical(np.zeros((2, 3))), np.zeros((2, 3)))


def test_canonical_takes_handedness_from_a_feature_that_is_not_opposite():
    turned = canonical(rays([0, 181, 270]))
    assert planar.angles(turned)[2] == pytest.approx(180)


@pytest.mark.parametrize(
    ("W", "kind"),
    [
        (PENTAGON * 1.17, "pentagon"),
        (rays([0, 61, 140, 219, 299]), "pentagon"),  # one feature five times sparser
        (rays([0, 75, 145, 215, 285]), "pentagon"),  # one feature denser
        (DIGONS, "two digons, one at zero"),
        (rays([0, 90, 180, 270, 0], [1, 1, 1, 1, 0.4]), "two digons, one arm shared"),
        (rays([0, 90, 180, 270, 45]), "other"),  # a fifth one in a gap
        (rays([0, 60, 180, 240]), "other"),  # two pairs, not at right angles
        (rays([0, 30, 60, 90, 120]), "other"),
        (HEXAGON, "hexagon"),
        (np.hstack([PENTAGON, rays([36])]), "other"),
        (np.hstack([PENTAGON, rays([36], 0.2)]), "pentagon, one at zero"),
        (rays([0, 90, 180, 270, 0, 0], [1, 1, 1, 1, 0, 0]), "two digons, 2 at zero"),
        (rays(45 * np.arange(8)), "octagon"),
        (rays([0, 120, 240]), "triangle"),
        (rays([0, 180]), "digon"),
        (rays([0, 90]), "other"),
        (np.zeros((2, 2)), "other"),
    ],
)
def test_solutions_are_classified_whatever_their_orientation(W, kind):
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(W.shape[1])
        assert classify(spun(W, seed)[:, order]) == kind


def test_random_directions_are_seldom_a_pentagon_and_never_two_digons():
    random = np.random.default_rng(0).uniform(0, 360, (500, 5))
    kinds = [classify(rays(angles)) for angles in random]
    assert kinds.count("pentagon") < 50
    assert kinds.count("other") > 440


def test_a_regular_polygon_has_no_spread_and_a_perturbed_one_has_its_own():
    for seed in range(3):
        assert unevenness(spun(1.17 * PENTAGON, seed)) == pytest.approx(0, abs=1e-9)
    moved = rays([3, 72, 144, 216, 288], [1.1, 1, 1, 1, 1])
    assert unevenness(moved) == pytest.approx(np.std([3, 0, 0, 0, 0]))
    assert np.isnan(unevenness(np.zeros((2, 5))))


# Branches of local solutions, and where two of them cross

Q = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.52, 0.63, 0.8, 1.0])


@pytest.mark.parametrize(
    ("W", "name"),
    [
        (pentagon(0.5), branches.PENTAGON),
        (digons(), branches.WITHOUT),
        (digons()[:, [4, 0, 1, 2, 3]], branches.WITHOUT_ANOTHER),
        (rays([0, 90, 180, 270, 0], [1, 1, 1, 1, 0.4]), branches.ARM_SHARED),
        (rays([0, 10, 20, 30, 40]), branches.OTHER),
        (np.zeros((2, 5)), branches.OTHER),
    ],
)
def test_kinds_tell_which_feature_is_at_zero(W, name):
    assert kind(W) == name


def test_exact_branches_cross_where_they_do_even_if_one_is_missing_at_some_densities():
    first, second = 1 + Q - 0.3 * Q**2, 0.6 + 2 * Q - 0.3 * Q**2
    found = crossing(Q, first, second)
    assert found.relative == pytest.approx(0.4, abs=5e-4)
    assert (found.below, found.above) == (0.36, 0.44)
    assert found.slopes == pytest.approx((1 - 0.24, 2 - 0.24), abs=2e-3)
    partial = crossing(Q, np.where(Q < 0.2, np.nan, first), second)
    assert partial.relative == pytest.approx(0.4, abs=5e-4)


def test_branches_that_do_not_cross_once_have_no_crossing():
    assert crossing(Q, 1 + Q, 2 + Q) is None
    assert crossing(Q, np.sin(20 * Q), 0 * Q) is None
    assert crossing(Q, np.full(Q.size, np.nan), Q) is None
    few = Q[4:7]
    assert crossing(few, 1 + few, 0.6 + 2 * few) is None


def test_the_lowest_loss_is_that_of_the_branch_and_of_no_run_that_diverged():
    runs = [
        network(pentagon(0.5), 3.0, relative=0.5),
        network(digons(), 1.0, relative=0.5),
        network(pentagon(0.5), 2.0, relative=0.5),
        network(pentagon(0.5), np.nan, relative=0.5),
        network(pentagon(0.1), 4.0, relative=0.1),
    ]
    sparse, dense = branches.by_relative_density(runs)
    assert (sparse.relative, dense.relative) == (0.1, 0.5)
    assert dense.of(branches.PENTAGON).tolist() == [2, 0]
    assert (dense.lowest(branches.PENTAGON), dense.lowest(branches.WITHOUT)) == (2.0, 1.0)
    assert np.isnan(sparse.lowest(branches.WITHOUT))


def network(W, loss, relative):
    n, swept = W.shape[1], {"relative_density": relative}
    return Network(W, np.zeros(n), features(n, 0.05), np.ones(n), swept=swept, loss=loss)


@pytest.mark.parametrize("by_importance", [False, True])
def test_at_the_exact_crossing_both_lose_the_same_on_a_large_sample(by_importance):
    place = exact_crossing(0.1, by_importance)
    losses = []
    for relative in (place / 1.3, place, place * 1.3):
        p, importance = (1, relative) if by_importance else (relative, 1)
        given = FeatureSettings(n_features=5, feature_probability=(*[0.1] * 4, 0.1 * p))
        drawn = evaluation_sample(given, 0, 2_000_000)
        weights = np.array([1.0, 1.0, 1.0, 1.0, importance])
        for shape in ("pentagon", "digon"):
            one = construct(shape, given, 2, weights)
            y = np.maximum(drawn.x @ one.W.T @ one.W + one.b, 0)
            losses.append((weights * (drawn.x - y) ** 2).sum())
            losses[-1] += drawn.empty * (weights * np.maximum(one.b, 0) ** 2).sum()
    assert losses[1] < 1.01 * losses[0]  # by importance both are digons there
    assert losses[2] == pytest.approx(losses[3], rel=0.01)
    assert losses[4] < losses[5]


# Members of sets: apart, opposite, side by side or collapsed; and principal components

PAIRS = ((0, 1), (2, 3), (4, 5))
APART = np.array([[1.0, 0, -1, 0], [0, 1, 0, -1]])  # (0, 1) and (2, 3) at right angles
COLLAPSED = rays([0, 0, 120, 120, 240, 240], np.sqrt(0.5))


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
    distribution = features(6, 0.4, value_range=value_range, **groups)
    x = draw_samples(tabulate(distribution), key_of("a run"), 0, 200_000).astype(np.float64)
    mean, covariance = moments(distribution)
    np.testing.assert_allclose(mean, x.mean(axis=0), atol=0.005)
    np.testing.assert_allclose(covariance, np.cov(x.T), atol=0.003)


def test_covariance_of_unequal_features_by_hand():
    distribution = features(3, (1.0, 0.5, 0.5), correlated=((1, 2),))
    expected = [[1 / 12, 0, 0], [0, 1 / 6 - 1 / 16, 1 / 16], [0, 1 / 16, 1 / 6 - 1 / 16]]
    np.testing.assert_allclose(moments(distribution)[1], expected)


def test_angles_of_known_subspaces_to_the_leading_components():
    tilt = np.radians(20)
    W = np.array([[1, 0, 0, 0], [0, np.cos(tilt), np.sin(tilt), 0]])
    apart, tied = np.diag([4.0, 3.0, 2.0, 1.0]), np.diag([4.0, 3.0, 3.0, 1.0])
    np.testing.assert_allclose(sets.pca_angles(W, apart), [0, 20], atol=1e-9)
    np.testing.assert_allclose(sets.pca_angles(W, tied), 0, atol=1e-9)
    np.testing.assert_allclose(sets.pca_angles(np.eye(4)[2:], apart), 90, atol=1e-9)


def test_collapsed_pairs_are_what_pca_finds_and_neither_the_hexagon_nor_random_weights_are():
    covariance = moments(features(6, 0.6, correlated=PAIRS))[1]
    np.testing.assert_allclose(sets.pca_angles(spun(COLLAPSED, 0), covariance), 0, atol=1e-6)
    assert sets.pca_angles(HEXAGON, covariance).max() > 10
    for W in np.random.default_rng(0).standard_normal((20, 2, 6)):
        assert sets.pca_angles(W, covariance).max() > 5


def test_every_subspace_is_pcas_if_all_features_are_always_on():
    covariance = moments(features(6, 1.0, correlated=PAIRS))[1]
    for W in (HEXAGON, np.random.default_rng(0).standard_normal((2, 6))):
        np.testing.assert_allclose(sets.pca_angles(W, covariance), 0, atol=1e-6)
