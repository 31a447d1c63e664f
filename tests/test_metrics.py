import ideal
import numpy as np
import pytest
from processes import loaded

from superposition.measure import metrics
from superposition.measure.metrics import feature_dimensionality, interference

TRIANGLE, PENTAGON, DIGON = ideal.polygon(3), ideal.polygon(5), np.array([[1.0, -1.0]])


def test_features_with_a_dimension_of_their_own_get_it_whole():
    np.testing.assert_array_equal(feature_dimensionality(np.eye(3, 3)), 1)
    assert metrics.dimensions_per_feature(np.eye(3)) == 1
    assert metrics.dimensions_per_feature(PENTAGON) == pytest.approx(2 / 5)
    assert metrics.dimensions_per_feature(np.zeros((2, 3))) == np.inf


def test_feature_that_was_not_learned_has_dimensionality_zero_and_shares_nothing():
    W = np.array([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_array_equal(feature_dimensionality(W), [1, 0])
    np.testing.assert_array_equal(interference(W), [0, 0])
    np.testing.assert_array_equal(metrics.cosines(W), [[1, 0], [0, 0]])


def test_interference_is_the_sum_of_squared_cosines_with_the_others_times_their_lengths():
    np.testing.assert_allclose(interference(DIGON), 1)
    np.testing.assert_allclose(interference(TRIANGLE), 2 / 4)
    np.testing.assert_allclose(interference(np.eye(4)), 0)
    W = DIGON * [1.0, 3.0]
    np.testing.assert_allclose(interference(W), [9, 1])
    np.testing.assert_allclose(interference(W * [5.0, 1.0]), [9, 25])


def test_dimensionality_is_a_share_of_the_norm_and_all_together_fit_the_hidden_dimensions():
    W = np.random.default_rng(0).standard_normal((50, 4, 9))
    squared = metrics.norms(W) ** 2
    found = feature_dimensionality(W)
    np.testing.assert_allclose(found, squared / (squared + interference(W)))
    assert (found.sum(axis=-1) <= 4 + 1e-9).all()


def test_measures_depend_neither_on_the_basis_nor_dimensionality_on_scale_and_order():
    random = np.random.default_rng(1)
    W = random.standard_normal((4, 9))
    turned = np.linalg.qr(random.standard_normal((4, 4)))[0] @ W
    for measure in (metrics.gram, metrics.norms, interference, feature_dimensionality):
        np.testing.assert_allclose(measure(turned), measure(W), atol=1e-12)
    order = random.permutation(9)
    expected = feature_dimensionality(W)
    np.testing.assert_allclose(feature_dimensionality(1e-3 * W[:, order]), expected[order])


def test_a_stack_of_runs_is_measured_like_each_run_alone():
    W = np.random.default_rng(5).standard_normal((2, 3, 4, 9))
    for measure in (
        metrics.gram, metrics.cosines, metrics.norms, interference, feature_dimensionality,
        metrics.dimensions_per_feature, metrics.antipodal_pairs, metrics.is_orthogonal,
    ):  # fmt: skip
        np.testing.assert_array_equal(measure(W)[1, 2], measure(W[1, 2]))


def test_gram_matrix_is_the_product_of_the_transpose_with_itself_in_double_precision():
    W = np.random.default_rng(8).standard_normal((4, 9)).astype(np.float32)
    assert metrics.gram(W).dtype == np.float64
    np.testing.assert_allclose(metrics.gram(W), W.T.astype(float) @ W, rtol=1e-12)


def test_pairs_are_counted_once_and_only_among_represented_features():
    W = np.array([[1.0, -1.0, 0.0, 0.0, 0.5], [0.0, 0.0, 1.0, -0.5, 0.0]])
    assert metrics.antipodal_pairs(W) == 1
    assert metrics.antipodal_pairs(ideal.polygon(4)) == 2
    assert metrics.antipodal_pairs(PENTAGON) == 0


def test_a_regular_polygon_is_even_and_two_pairs_with_a_fifth_are_not():
    assert metrics.uneven_angle(PENTAGON * np.arange(1, 6)) == pytest.approx(0, abs=1e-9)
    fifth = np.column_stack([ideal.polygon(4), [np.sqrt(0.5), np.sqrt(0.5)]])
    assert metrics.uneven_angle(fifth) == pytest.approx(27)


def test_measuring_waits_for_no_compiler_and_no_library_for_tables():
    found = loaded("import superposition.measure.metrics, superposition.base.tables")
    assert not {"numba", "pandas", "torch", "matplotlib"} & found
