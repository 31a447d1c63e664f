import numpy as np
import pytest

from superposition import metrics
from superposition.geometry import shapes
from superposition.theory import polygons
from superposition.theory.expansion import active_losses
from superposition.theory.polytopes import POLYTOPES

THOMSON_HEIGHT = 0.5604
"""Half the height of the square antiprism that solves Thomson's problem for 8 points."""
SHAPES = {
    "digon": (1, 2, [-1]),
    "triangle": (2, 3, [-1 / 2]),
    "tetrahedron": (3, 4, [-1 / 3]),
    "square": (2, 4, [-1, 0]),
    "pentagon": (2, 5, [np.cos(0.8 * np.pi), np.cos(0.4 * np.pi)]),
    "octahedron": (3, 6, [-1, 0]),
    "square antiprism": (3, 8, [-1 / 3, -1 / 3 - 2 / 3 * np.sqrt(0.5)]),
    "triangular bipyramid": (3, 5, [-1, -1 / 2, 0]),
    "pentagonal bipyramid": (3, 7, [-1, 0]),
}


@pytest.mark.parametrize("name", POLYTOPES)
def test_vertices_are_unit_vectors_with_the_angles_of_the_shape(name):
    W = POLYTOPES[name].build()
    d, k, angles = SHAPES[name]
    assert W.shape == (d, k)
    products = W.T @ W
    np.testing.assert_allclose(np.diag(products), 1, atol=1e-14)
    assert np.linalg.matrix_rank(W) == d
    np.testing.assert_allclose(W.sum(axis=1), 0, atol=1e-14)
    between = products[np.triu_indices(k, 1)]
    for cosine in angles:
        assert np.isclose(between, cosine).any()
    if len(angles) == 1:
        np.testing.assert_allclose(between, angles[0], atol=1e-14)


def test_pentagon_and_bipyramids_have_no_other_angles():
    pentagon = np.round(metrics.gram(shapes.polygon(5))[0], 12)
    assert len(np.unique(pentagon)) == 3
    bipyramid = metrics.gram(POLYTOPES["triangular bipyramid"].build())
    assert sorted(np.round(bipyramid[np.triu_indices(5, 1)], 9)) == [-1, -0.5, -0.5, -0.5] + [0] * 6


@pytest.mark.parametrize("name", POLYTOPES)
def test_every_vertex_has_one_of_the_named_fractions_of_a_dimension(name):
    polytope = POLYTOPES[name]
    W = polytope.build()
    W = W * 1.1
    fractions = [float(fraction) for fraction in polytope.fractions]
    found = metrics.feature_dimensionality(W)
    for fraction in fractions:
        assert np.isclose(found, fraction).any()
    distance = np.abs(found[:, None] - fractions).min(axis=1)
    np.testing.assert_allclose(distance, 0, atol=1e-12)
    assert found.sum() == pytest.approx(W.shape[0])


def test_polygons_have_equal_angles_and_two_kths_of_a_dimension():
    for k in range(3, 12):
        W = shapes.polygon(k)
        assert metrics.uneven_angle(W) == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(metrics.feature_dimensionality(W), 2 / k)


def test_square_antiprism_is_a_tight_frame_only_at_its_own_height():
    tight = POLYTOPES["square antiprism"].build()
    np.testing.assert_allclose(tight @ tight.T, 8 / 3 * np.eye(3), atol=1e-14)
    other = shapes.antiprism(4, THOMSON_HEIGHT)
    assert metrics.feature_dimensionality(other).max() == pytest.approx(0.374, abs=5e-4)
    assert other.shape == (3, 8)


def test_thomsons_antiprism_has_the_lowest_energy():
    def energy(height):
        W = shapes.antiprism(4, height)
        distance = np.linalg.norm(W[:, :, None] - W[:, None, :], axis=0)
        return (1 / distance[np.triu_indices(8, 1)]).sum()

    heights = np.arange(0.50, 0.62, 0.0002)
    best = heights[np.argmin([energy(h) for h in heights])]
    assert abs(best - THOMSON_HEIGHT) < 2e-4
    assert energy(THOMSON_HEIGHT) == pytest.approx(19.675288, abs=1e-5)


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
    found = polygons.best_polygon(k)
    assert found.loss_per_feature == pytest.approx(loss, abs=1e-5)
    assert found.norm_squared == pytest.approx(norm_squared, abs=1e-3)
    assert found.bias == pytest.approx(bias, abs=1e-3)


@pytest.mark.parametrize("k", range(3, 10))
def test_no_other_norm_and_bias_of_a_polygon_loses_less(k):
    """Held against the general expansion, which knows nothing of polygons."""
    found = polygons.best_polygon(k)

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
    gains = [polygons.best_polygon(k).gain for k in range(3, 10)]
    assert np.argmin(gains) == 4
    np.testing.assert_allclose(gains[2:6], [-1.588, -1.711, -1.750, -1.742], atol=1e-3)
