import numpy as np
import pytest

from superposition import metrics
from superposition.geometry.shapes import simplex
from superposition.settings import FeatureSettings
from superposition.theory import linear, linear_loss

IMPORTANCE = 0.8 ** np.arange(7)


def random_weights(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_loss_is_the_squared_error_of_whitened_features_drawn_at_random():
    W = random_weights(3, 7) / 2
    x = np.random.default_rng(1).standard_normal((200_000, 7))
    error = x - x @ W.T @ W
    expected = (IMPORTANCE * error**2).sum(axis=1)
    spread = expected.std() / np.sqrt(expected.size)
    assert linear.saxe_loss(W, IMPORTANCE) == pytest.approx(expected.mean(), abs=4 * spread)


def test_terms_follow_the_paper_letter_by_letter():
    W = random_weights(3, 7)
    terms = linear.saxe_terms(W, IMPORTANCE)
    for i in range(7):
        others = [j for j in range(7) if j != i]
        assert terms.benefit[i] == pytest.approx(IMPORTANCE[i] * (1 - W[:, i] @ W[:, i]) ** 2)
        expected = IMPORTANCE[i] * sum((W[:, i] @ W[:, j]) ** 2 for j in others)
        assert terms.interference[i] == pytest.approx(expected)


@pytest.mark.parametrize("density", [1.0, 0.1, 0.001])
def test_density_scales_benefit_and_interference_of_the_linear_model_alike(density):
    W = random_weights(2, 7)
    features = FeatureSettings(n_features=7, feature_probability=(density,) * 7)
    mean, variance = linear.moments(features)
    b = (np.eye(7) - W.T @ W) @ mean
    expected = variance[0] * linear.saxe_loss(W, IMPORTANCE)
    assert 7 * linear_loss(W, b, IMPORTANCE, features) == pytest.approx(float(expected))


def test_gradient_is_the_limit_of_differences():
    W = random_weights(2, 3, 7)
    gradient = linear.saxe_gradient(W, IMPORTANCE)
    for place in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[place] = 1e-6
        rise = linear.saxe_loss(W + step, IMPORTANCE) - linear.saxe_loss(W - step, IMPORTANCE)
        assert gradient[place] == pytest.approx(rise[place[0]] / 2e-6, abs=1e-5)


@pytest.mark.parametrize("n_hidden", [1, 2, 4])
def test_best_weights_hold_the_most_important_features_and_never_more_than_fit(n_hidden):
    W, loss = linear.minimise(IMPORTANCE, n_hidden, restarts=24)
    assert np.abs(linear.saxe_gradient(W, IMPORTANCE)).max() < 1e-6
    best = W[loss < loss.min() + 1e-9]
    identity = np.diag((np.arange(7) < n_hidden).astype(float))
    np.testing.assert_allclose(metrics.gram(best), np.tile(identity, (len(best), 1, 1)), atol=1e-4)
    np.testing.assert_allclose(loss.min(), IMPORTANCE[n_hidden:].sum(), rtol=1e-9)
    assert (loss >= loss.min()).all()


def test_features_of_equal_importance_have_no_basis_to_prefer():
    """So more than m columns may be nonzero, of any projection to m dimensions."""
    equal = np.ones(3)
    frame = simplex(2) * np.sqrt(2 / 3)
    assert linear.saxe_loss(frame, equal) == pytest.approx(1.0)
    assert linear.saxe_loss(np.eye(2, 3), equal) == pytest.approx(1.0)
    W, loss = linear.minimise(equal, 2, restarts=8)
    np.testing.assert_allclose(loss, 1.0)
    assert (metrics.norms(W) > 0.1).all(axis=-1).any()
    np.testing.assert_allclose(metrics.feature_dimensionality(W).sum(axis=-1), 2.0, rtol=1e-5)


def test_restarts_are_the_same_every_time_and_differ_by_seed():
    first, _ = linear.minimise(IMPORTANCE, 2, restarts=3, steps=5)
    again, _ = linear.minimise(IMPORTANCE, 2, restarts=3, steps=5)
    other, _ = linear.minimise(IMPORTANCE, 2, restarts=3, steps=5, seed=1)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
