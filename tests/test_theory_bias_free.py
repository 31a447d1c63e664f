import numpy as np
import pytest

from superposition.measure.theory import bias_free, phase

NO_BIAS = np.zeros(2)


def test_loss_of_a_grid_is_a_surface():
    axis = np.linspace(-1.5, 1.5, 7)
    r, s = np.ones((1, 1)), np.full((1, 1), 0.5)
    surface = bias_free.loss(axis[:, None], axis[None, :], r, s)
    assert surface.shape == (7, 7)
    np.testing.assert_allclose(surface, surface[::-1, ::-1])  # (−w_1, −w_2) is the same model
    np.testing.assert_allclose(surface, surface.T)  # r = 1


@pytest.mark.parametrize("density", [0.95, 0.59, 0.4, 0.1])
@pytest.mark.parametrize("r", [0.1, 0.5, 1.0, 4.0])
def test_optimum_is_the_lowest_point_of_a_fine_surface(r, density):
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
