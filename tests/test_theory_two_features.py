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


# Without biases


def test_loss_of_a_grid_is_a_surface():
    axis = np.linspace(-1.5, 1.5, 7)
    r, s = np.ones((1, 1)), np.full((1, 1), 0.5)
    surface = bias_free.loss(axis[:, None], axis[None, :], r, s)
    assert surface.shape == (7, 7)
    np.testing.assert_allclose(surface, surface[::-1, ::-1])  # (−w_1, −w_2) is the same model
    np.testing.assert_allclose(surface, surface.T)  # r = 1


@pytest.mark.parametrize("density", [0.95, 0.59, 0.4, 0.1])
@pytest.mark.parametrize("r", [0.1, 0.5, 1.0, 4.0])
def test_optimum_without_biases_is_the_lowest_point_of_a_fine_surface(r, density):
    axis = np.arange(-1.3, 1.3, 0.01)
    place = np.array([[r]]), np.array([[density]])
    surface = bias_free.loss(axis[:, None], axis[None, :], *place)
    found = bias_free.optimum(*place)
    assert found.loss[0, 0] <= surface.min()
    assert found.loss[0, 0] == pytest.approx(surface.min(), abs=2e-4)
    np.testing.assert_allclose(bias_free.loss(found.w_1, found.w_2, *place), found.loss)
    for turn in (0, np.pi / 2, np.pi, 3):
        step = 1e-3 * np.array([np.cos(turn), np.sin(turn)])
        near = bias_free.loss(found.w_1 + step[0], found.w_2 + step[1], *place)
        assert near >= found.loss - 1e-12


def test_sparse_optimum_is_an_antipodal_pair_and_dense_one_is_confused():
    r = np.ones(2)
    pair = bias_free.optimum(r, np.array([1e-3, 0.9]))
    np.testing.assert_allclose([pair.w_1[0], pair.w_2[0]], [1, -1], atol=2e-3)
    np.testing.assert_allclose([pair.w_1[1], pair.w_2[1]], np.sqrt(0.5), atol=1e-6)


def test_sign_of_the_second_weight_flips_at_the_densities_of_the_catalogue():
    r = np.array([1.0, 0.5, 0.3, 0.1])
    flip, swapped = bias_free.flip_density(np.stack([r, 1 / r]))
    np.testing.assert_allclose(flip, [0.582, 0.558, 0.474, 0.210], atol=6e-4)
    assert (flip > phase.boundary(1, r)).all()
    np.testing.assert_allclose(swapped, flip, atol=1e-6)
    below, above = bias_free.optimum(r, flip - 1e-4), bias_free.optimum(r, flip + 1e-4)
    assert (below.w_2 < -0.6).all()
    np.testing.assert_allclose(above.w_1, [0.7071, 0.860, 0.962, 0.9986], atol=1e-3)
    np.testing.assert_allclose(above.w_2, [0.7071, 0.469, 0.188, 0.0180], atol=1e-3)
    np.testing.assert_allclose(below.loss, above.loss, rtol=2e-3)  # the loss itself does not jump


def test_optimum_of_a_single_place_and_of_a_grid_agree():
    r, s = np.array([[0.3, 2.0]]), np.array([[0.2], [0.8]])
    grid = bias_free.optimum(r, s)
    assert grid.loss.shape == (2, 2)
    one = bias_free.optimum(np.array(2.0), np.array(0.8))
    assert one.w_2 == grid.w_2[1, 1]
