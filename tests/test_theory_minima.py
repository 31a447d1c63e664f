"""The minimiser of one variable, and the regular polygons that it finds best."""

import numpy as np
import pytest

from superposition.measure.geometry import shapes
from superposition.measure.theory.expansion import active_losses
from superposition.measure.theory.minima import best_polygon, lowest_point


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
