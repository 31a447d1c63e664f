"""The ideal polytopes: their angles, and the fractions of a dimension that they leave."""

import numpy as np
import pytest

from superposition.measure import metrics
from superposition.measure.geometry import shapes
from superposition.measure.geometry.shapes import POLYTOPES

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


@pytest.mark.parametrize("name", POLYTOPES)
def test_every_vertex_has_one_of_the_named_fractions_of_a_dimension(name):
    W = 1.1 * POLYTOPES[name].build()
    fractions = [float(fraction) for fraction in POLYTOPES[name].fractions]
    found = metrics.feature_dimensionality(W)
    for fraction in fractions:
        assert np.isclose(found, fraction).any()
    distance = np.abs(found[:, None] - fractions).min(axis=1)
    np.testing.assert_allclose(distance, 0, atol=1e-12)
    assert found.sum() == pytest.approx(W.shape[0])


def test_square_antiprism_is_a_tight_frame_only_at_its_own_height():
    tight = POLYTOPES["square antiprism"].build()
    np.testing.assert_allclose(tight @ tight.T, 8 / 3 * np.eye(3), atol=1e-14)
    other = shapes.antiprism(4, THOMSON_HEIGHT)
    assert metrics.feature_dimensionality(other).max() == pytest.approx(0.374, abs=5e-4)
    assert other.shape == (3, 8)
