"""Ideal polytopes; matching, null vectors, hulls and decompositions, against numpy and by hand."""

import numpy as np
import pytest
from test_geometry_graphs import (
    ANTIPRISM,
    DIGON,
    ICOSAHEDRON,
    PENTAGON,
    TETRAHEDRON,
    TRIANGLE,
    block,
    hidden,
    prism,
    regular_simplex,
    ring,
)

from superposition.measure.geometry import shapes
from superposition.measure.geometry.hulls import hull
from superposition.measure.geometry.polytopes import fit, match, null_vectors, rotation_onto
from superposition.measure.geometry.shapes import POLYTOPES
from superposition.measure.geometry.singular import decompose, singular_values
from superposition.measure.metrics import cosines, feature_dimensionality, gram, product

OCTAHEDRON = block(DIGON, DIGON, DIGON)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (3, 5), (2, 30), (20, 20)])
def test_decomposition_is_that_of_lapack(shape):
    A = np.random.default_rng(sum(shape)).standard_normal(shape)
    parts = decompose(A)
    values = np.linalg.svd(A, compute_uv=False)
    np.testing.assert_allclose(singular_values(A), values, atol=1e-12)
    np.testing.assert_allclose(parts.left @ np.diag(parts.values) @ parts.right.T, A, atol=1e-12)
    np.testing.assert_allclose(parts.right.T @ parts.right, np.eye(shape[1]), atol=1e-12)


def test_decomposition_survives_zeros_equal_columns_and_tiny_scales():
    for A in (np.zeros((2, 3)), np.ones((4, 3)), 1e-20 * TETRAHEDRON, OCTAHEDRON):
        parts = decompose(A)
        np.testing.assert_allclose(parts.left * parts.values @ parts.right.T, A, atol=1e-30)
        np.testing.assert_allclose(
            singular_values(A), np.linalg.svd(A, compute_uv=False), rtol=1e-12, atol=1e-15
        )


def test_product_is_the_matrix_product():
    random = np.random.default_rng(0)
    A, B = random.standard_normal((3, 4)), random.standard_normal((4, 2))
    np.testing.assert_allclose(product(A, B), A @ B)


def test_other_constructions_are_the_same_polytope_up_to_rotation_and_order():
    assert match(shapes.antiprism(3, 1 / np.sqrt(3)), OCTAHEDRON).distance < 1e-12
    assert match(shapes.antiprism(4, 1 / np.sqrt(3)), ANTIPRISM).distance < 1e-12
    assert match(shapes.simplex(3), TETRAHEDRON).distance < 1e-12


def test_icosahedron_and_cube_among_the_candidates_have_unit_vertices_and_equal_shares():
    for k, share in ((12, 1 / 4), (8, 3 / 8)):
        for name, W in shapes.candidates(np.random.default_rng(0).standard_normal((3, k)), 3):
            np.testing.assert_allclose(np.diagonal(gram(W)), 1, err_msg=name)
            if name in ("cube", "icosahedron"):
                np.testing.assert_allclose(feature_dimensionality(W), share)


@pytest.mark.parametrize("ideal", [TRIANGLE, PENTAGON, TETRAHEDRON, OCTAHEDRON, ANTIPRISM])
def test_match_finds_the_order_of_a_hidden_polytope_of_any_size(ideal):
    W = hidden(1.2 * ideal, 3, m=4)
    found = match(W, ideal)
    assert found.distance < 1e-12
    np.testing.assert_allclose(gram(W[:, found.order]) / 1.44, gram(ideal), atol=1e-12)
    W = W + 0.02 * np.random.default_rng(0).standard_normal(W.shape)
    noisy = match(W, ideal)
    turned = gram(W[:, noisy.order])
    difference = turned * ideal.shape[1] / np.trace(turned) - gram(ideal)
    assert noisy.distance == pytest.approx(np.sqrt((difference**2).mean()))
    assert 0 < noisy.distance < 0.06


def test_random_weights_and_other_tight_frames_match_no_polytope():
    for seed in range(5):
        W = np.random.default_rng(seed).standard_normal((3, 6))
        assert match(W / np.sqrt((W**2).sum(axis=0)), OCTAHEDRON).distance > 0.15
    assert match(np.hstack([TRIANGLE, np.eye(2)]), PENTAGON).distance > 0.2


def test_fit_needs_every_cosine_within_the_tolerance():
    W = hidden(ICOSAHEDRON, 0)
    order = fit(cosines(W), cosines(ICOSAHEDRON), 0.01)
    np.testing.assert_allclose(cosines(W[:, order]), cosines(ICOSAHEDRON), atol=1e-12)
    off = cosines(W).copy()
    off[0, 1] = off[1, 0] = off[0, 1] + 0.2
    assert fit(off, cosines(ICOSAHEDRON), 0.1) is None
    assert fit(off, cosines(ICOSAHEDRON), 0.25) is not None


def test_rotation_brings_a_turned_solution_back_even_if_it_spans_less_than_the_space():
    for W in (ANTIPRISM, np.vstack([PENTAGON, np.zeros((2, 5))])):
        turn = np.linalg.qr(np.random.default_rng(1).standard_normal((len(W), len(W))))[0]
        Q = rotation_onto(turn @ W, W)
        np.testing.assert_allclose(Q @ turn @ W, W, atol=1e-12)
        np.testing.assert_allclose(Q @ Q.T, np.eye(len(W)), atol=1e-12)


@pytest.mark.parametrize(
    ("W", "expected"),
    [
        (TRIANGLE, [(1, 1, 1)]),
        (TETRAHEDRON, [(1, 1, 1, 1)]),
        (ring(4), [(1, 0, 1, 0), (0, 1, 0, 1)]),
        (regular_simplex(5), [(1,) * 6]),
        (block(TRIANGLE, DIGON), [(1, 1, 1, 0, 0), (0, 0, 0, 1, 1)]),
        (DIGON * [1.0, 0.5], [(1, 2)]),
        (np.array([[1.0, 0, 0], [0, 0, 0]]), [(0, 1, 0), (0, 0, 1)]),
    ],
)
def test_null_vectors_are_readable(W, expected):
    for seed in range(3):
        random = np.random.default_rng(seed)
        m = len(W) + 1
        basis = np.linalg.qr(random.standard_normal((m, m)))[0][:, : len(W)]
        for noise in (0, 0.005):
            found = null_vectors(basis @ W + noise * random.standard_normal((m, W.shape[1])))
            np.testing.assert_array_equal(found, expected)


def test_null_vectors_that_are_not_integers_stay_exact():
    W = hidden(PENTAGON, 0, m=4)
    found = null_vectors(W)
    assert found.shape == (3, 5)
    assert np.abs(np.round(found) - found).max() > 0.1
    np.testing.assert_allclose(W @ found.T, 0, atol=1e-12)
    assert null_vectors(np.eye(3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("W", "corners"),
    [
        (TETRAHEDRON, [3] * 4),
        (OCTAHEDRON, [3] * 8),
        (ANTIPRISM, [3] * 8 + [4] * 2),
        (prism(4, 1 / np.sqrt(3), 0), [4] * 6),
        (prism(3, 0.6, 0), [3, 3, 4, 4, 4]),
        (ICOSAHEDRON, [3] * 20),
        (block(TRIANGLE, DIGON), [3] * 6),
    ],
    ids=["tetrahedron", "octahedron", "antiprism", "cube", "prism", "icosahedron", "bipyramid"],
)
def test_hulls_have_their_faces_and_obey_eulers_formula(W, corners):
    for noise in (0, 0.005):
        turned = hidden(W, 5, noise=noise)
        found = hull(turned)
        assert sorted(len(face) for face in found.faces) == corners
        assert W.shape[1] - len(found.edges) + len(found.faces) == 2
        for face in found.faces:
            a, b, c = (turned[:, i] for i in face[:3])
            assert np.dot(np.cross(b - a, c - b), a) > 0  # counterclockwise from outside


def test_a_point_inside_is_on_no_face_and_flat_points_have_a_single_one():
    found = hull(np.hstack([OCTAHEDRON, [[0.1], [0.05], [0.0]]]))
    assert 6 not in {i for face in found.faces for i in face}
    (face,) = hull(np.vstack([PENTAGON, np.zeros(5)])).faces
    assert face in {(0, 1, 2, 3, 4), (0, 4, 3, 2, 1)}


# The ideal ones

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
    found = feature_dimensionality(W)
    for fraction in fractions:
        assert np.isclose(found, fraction).any()
    distance = np.abs(found[:, None] - fractions).min(axis=1)
    np.testing.assert_allclose(distance, 0, atol=1e-12)
    assert found.sum() == pytest.approx(W.shape[0])


def test_square_antiprism_is_a_tight_frame_only_at_its_own_height():
    tight = POLYTOPES["square antiprism"].build()
    np.testing.assert_allclose(tight @ tight.T, 8 / 3 * np.eye(3), atol=1e-14)
    other = shapes.antiprism(4, THOMSON_HEIGHT)
    assert feature_dimensionality(other).max() == pytest.approx(0.374, abs=5e-4)
    assert other.shape == (3, 8)
