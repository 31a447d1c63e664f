import numpy as np
import pytest
from cells import features

from superposition.measure import metrics
from superposition.measure.geometry.shapes import simplex
from superposition.measure.theory import linear
from superposition.sampling.distribution import moments, tabulate
from superposition.sampling.philox import key_of
from superposition.sampling.sample import draw_samples

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


def test_loss_is_benefit_and_interference_as_in_the_paper_letter_by_letter():
    W, n = random_weights(3, 7), range(7)
    benefit = sum(IMPORTANCE[i] * (1 - W[:, i] @ W[:, i]) ** 2 for i in n)
    interference = sum(IMPORTANCE[j] * (W[:, j] @ W[:, i]) ** 2 for i in n for j in n if i != j)
    assert linear.saxe_loss(W, IMPORTANCE) == pytest.approx(benefit + interference)


@pytest.mark.parametrize("density", [1.0, 0.1, 0.001])
def test_density_scales_benefit_and_interference_of_the_linear_model_alike(density):
    W = random_weights(2, 7)
    distribution = features(7, density)
    mean, covariance = moments(distribution)
    b = (np.eye(7) - W.T @ W) @ mean
    expected = covariance[0, 0] * linear.saxe_loss(W, IMPORTANCE)
    assert 7 * linear.linear_loss(W, b, IMPORTANCE, distribution) == pytest.approx(float(expected))


def test_loss_of_features_in_sets_is_that_of_samples():
    distribution = features(7, 0.3, correlated=[(0, 1)], anticorrelated=[(2, 3)])
    x = draw_samples(tabulate(distribution), key_of("a run"), 0, 200_000).astype(np.float64)
    W, b = random_weights(3, 7) / 2, random_weights(7, seed=1) / 4
    lost = (IMPORTANCE * (x - x @ W.T @ W - b) ** 2).mean(axis=1)
    expected = pytest.approx(lost.mean(), abs=4 * lost.std() / np.sqrt(lost.size))
    assert linear.linear_loss(W, b, IMPORTANCE, distribution) == expected


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
