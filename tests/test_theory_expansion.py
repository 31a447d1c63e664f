from itertools import combinations, product

import numpy as np
import pytest

from superposition.measure.geometry import shapes
from superposition.measure.theory import expansion as theory
from superposition.measure.theory.expansion import active_losses, expansion, one_active
from superposition.measure.theory.minima import best_polygon, lowest_point


def case(n, m, seed=0, scale=0.7):
    """Return weights, biases of both signs and importances."""
    random = np.random.default_rng(seed)
    return (
        scale * random.standard_normal((m, n)),
        0.3 * random.standard_normal(n),
        0.9 ** np.arange(n),
    )


def errors(W, b, importance, x):
    """Return the paper's loss of every sample, by the model's own definition."""
    y = np.maximum(x @ W.T @ W + b, 0)
    return (importance * (x - y) ** 2).sum(axis=1)


def with_active(members, n, values):
    x = np.zeros((len(values), n))
    x[:, list(members)] = values
    return x


def test_first_terms_are_means_over_a_fine_grid_of_the_active_features():
    W, b, importance = case(5, 2)
    n_points = 400
    axis = (np.arange(n_points) + 0.5) / n_points
    plane = np.array(list(product(axis, axis)))
    expected = [errors(W, b, importance, np.zeros((1, 5)))[0]]
    for k, values in ((1, axis[:, None]), (2, plane)):
        sets = combinations(range(5), k)
        expected.append(
            sum(errors(W, b, importance, with_active(s, 5, values)).mean() for s in sets)
        )
    found = active_losses(W, b, importance, 2).sum(axis=-1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_negative_interference_costs_nothing_without_positive_bias():
    """C15, and that positive interference does cost."""
    W, _, importance = case(8, 3, seed=8)
    overlaps = W.T @ W
    for b in (np.zeros(8), np.full(8, -0.05)):
        interference = one_active(W, b, importance).interference
        np.testing.assert_array_equal(interference[overlaps < 0], 0)
        hidden = overlaps + b[:, None] <= 0
        np.testing.assert_array_equal(interference[hidden], 0)
        others = ~np.eye(8, dtype=bool)
        assert (interference[~hidden & others] > 0).all()
    assert (one_active(W, np.full(8, 0.1), importance).interference[overlaps < 0] > 0).all()


def test_benefit_and_interference_add_up_to_the_second_term():
    W, b, importance = case(6, 2)
    terms = one_active(W, b, importance)
    np.testing.assert_array_equal(np.diagonal(terms.interference), 0)
    total = terms.benefit.sum() + terms.interference.sum()
    assert active_losses(W, b, importance, 1)[1].sum() == pytest.approx(total)


def test_orthogonal_features_lose_nothing_and_an_antipodal_pair_only_when_both_are_active():
    ones, none = np.ones(2), np.zeros(2)
    np.testing.assert_allclose(active_losses(np.eye(2), none, ones, 2), 0, atol=1e-15)
    pair = active_losses(np.array([[1.0, -1.0]]), none, ones, 2)
    np.testing.assert_allclose(pair, [[0, 0], [0, 0], [1 / 6, 1 / 6]], atol=1e-15)


def test_tiny_and_zero_gains_neither_overflow_nor_matter():
    W = np.array([[1.0, 1e-200, 0.0]])
    zero = np.array([[1.0, 0.0, 0.0]])
    for b in (np.array([0.1, 0.2, 0.3]), np.array([-0.1, -0.2, 0.0])):
        np.testing.assert_allclose(
            active_losses(W, b, np.ones(3), 2), active_losses(zero, b, np.ones(3), 2), atol=1e-15
        )


def test_weights_of_the_terms_are_those_of_a_binomial_distribution():
    """Without weights and bias each active feature loses 1/3."""
    n, density = 5, 0.3
    terms = expansion(np.zeros((1, n)), np.zeros(n), np.ones(n), density, 2)
    expected = [0, n * 0.3 * 0.7**4 / 3, 10 * 0.09 * 0.7**3 * 2 / 3]
    np.testing.assert_allclose(terms, expected)


def test_squared_error_is_a_mean_over_the_unit_interval():
    random = np.random.default_rng(9)
    slope, offset, gain, bias = random.standard_normal((4, 200))
    x = (np.arange(20_000) + 0.5) / 20_000
    output = np.maximum(np.outer(gain, x) + bias[:, None], 0)
    expected = ((np.outer(slope, x) + offset[:, None] - output) ** 2).mean(axis=1)
    found = theory.squared_error(slope, offset, gain, bias)
    np.testing.assert_allclose(found, expected, atol=1e-7)


# The minimiser of one variable, and the regular polygons that it finds best


def test_lowest_point_is_found_at_every_place_of_a_batch_and_at_the_ends():
    target = np.array([[-3.0, 0.2], [np.sqrt(0.5), 3.0]])
    found = lowest_point(lambda x: np.abs(x - target), -1.0, 1.0, (2, 2))
    np.testing.assert_allclose(found, np.clip(target, -1, 1), atol=1e-9)


def test_the_lower_of_two_valleys_is_chosen():
    found = lowest_point(lambda x: (x**2 - 0.25) ** 2 + 0.01 * x, -1.0, 1.0)
    assert -0.52 < found < -0.5


@pytest.mark.parametrize(
    ("k", "loss", "norm_squared", "bias"),
    [
        (3, 0, 1, 0),
        (4, 0, 1, 0),
        (5, 0.01583, 1.370, -0.282),
        (6, 0.04819, 1.744, -0.618),
        (7, 0.08327, 2.098, -0.967),
        (8, 0.11555, 2.403, -1.291),
    ],
)
def test_best_polygons_are_those_of_the_catalogue(k, loss, norm_squared, bias):
    found = best_polygon(k)
    assert found.loss_per_feature == pytest.approx(loss, abs=1e-5)
    assert found.norm_squared == pytest.approx(norm_squared, abs=1e-3)
    assert found.bias == pytest.approx(bias, abs=1e-3)


@pytest.mark.parametrize("k", range(3, 10))
def test_no_other_norm_and_bias_of_a_polygon_loses_less(k):
    """Held against the general expansion, which knows nothing of polygons."""
    found = best_polygon(k)

    def loss(norm_squared, bias):
        W = np.sqrt(norm_squared) * shapes.polygon(k)
        return active_losses(W, np.full(k, bias), np.ones(k), 1)[1].sum() / k

    assert loss(found.norm_squared, found.bias) == pytest.approx(found.loss_per_feature, abs=1e-12)
    for norm_squared in np.arange(0.5, 3.0, 0.1):
        for bias in np.arange(-1.8, 0.01, 0.1):
            assert loss(norm_squared, bias) >= found.loss_per_feature
    for change in ((1e-3, 0), (-1e-3, 0), (0, -1e-3), (1e-3, -1e-3), (1e-3, -7e-4)):
        near = loss(found.norm_squared + change[0], found.bias + change[1])
        assert near > found.loss_per_feature


def test_a_heptagon_gains_most_when_features_are_never_active_together():
    gains = [best_polygon(k).gain for k in range(3, 10)]
    assert np.argmin(gains) == 4
    np.testing.assert_allclose(gains[2:6], [-1.588, -1.711, -1.750, -1.742], atol=1e-3)
