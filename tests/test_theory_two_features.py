import numpy as np
import pytest

from superposition.measure.theory import bias_free, phase, two_features
from superposition.measure.theory.expansion import expansion

RANDOM = np.random.default_rng(0)
W, B = RANDOM.standard_normal((60, 2)), 0.3 * RANDOM.standard_normal((60, 2))
R, S = 3 * RANDOM.random(60), RANDOM.random(60)


def test_loss_is_that_of_the_expansion_for_any_weights():
    found = two_features.loss(W, B, R, S)
    for w, b, r, s, loss in zip(W, B, R, S, found, strict=True):
        exact = expansion(w[None], b, np.array([1.0, r]), s, 2).sum()
        assert loss == pytest.approx(exact, rel=1e-12)


def test_swapping_the_features_only_scales_the_loss():
    swapped = two_features.loss(W[:, ::-1], B[:, ::-1], 1 / R, S)
    np.testing.assert_allclose(R * swapped, two_features.loss(W, B, R, S), rtol=1e-12)


def test_optimum_is_no_worse_than_the_simple_solutions_nor_than_without_biases():
    r, s = np.array([0.1, 0.5, 1.0, 3.0]), np.array([0.1, 0.4, 0.8, 0.3])
    found = two_features.optimum(r, s).loss
    assert (found <= phase.losses(1, r, s).min(axis=0) + 1e-6).all()
    assert (found <= bias_free.optimum(r, s).loss + 1e-6).all()
    # Where one feature is left out there is nothing to gain by other weights.
    dense = two_features.optimum(np.array([0.3]), np.array([0.9])).loss
    np.testing.assert_allclose(dense, phase.losses(1, np.array([0.3]), np.array([0.9])).min(axis=0))


def test_optimum_is_a_minimum_in_every_direction():
    r, s = np.array([0.5]), np.array([0.3])
    best = two_features.optimum(r, s)
    for _ in range(50):
        near = 0.02 * RANDOM.standard_normal((2, 1, 2))
        assert two_features.loss(best.w + near[0], best.b + near[1], r, s) >= best.loss - 1e-7


def test_boundary_is_a_tenth_above_the_simple_one_and_the_same_for_r_and_its_inverse():
    r = np.array([0.11, 0.3, 0.631])
    found = two_features.boundary(r)
    np.testing.assert_allclose(found, two_features.boundary(1 / r))
    np.testing.assert_allclose(found / phase.boundary(1, r), 1.11, atol=0.03)


def test_the_best_weights_are_a_pair_below_the_boundary_and_one_feature_above():
    r = np.array([0.2, 0.5])
    edge = two_features.boundary(r)
    assert (two_features.optimum(r, 0.98 * edge).w.prod(axis=-1) < -0.5).all()
    assert (np.abs(two_features.optimum(r, 1.02 * edge).w.prod(axis=-1)) < 0.1).all()


def test_with_more_dimensions_the_two_least_important_features_share_one():
    r = np.array([0.2, 0.7, 1.0, 3.0, 10.0])
    for n_hidden in (2, 5):
        found = two_features.boundary(r, n_hidden)
        np.testing.assert_array_equal(found, two_features.boundary(np.minimum(r, 1.0)))
        assert (found > phase.boundary(n_hidden, r)).all()
