"""Solutions in the plane: orientation, gaps and kinds."""

import numpy as np
import pytest
from ideal_sets import rays

from superposition.measure.geometry import planar
from superposition.measure.geometry.planar import canonical, classify, neighbour_gaps, unevenness


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
