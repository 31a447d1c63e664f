import subprocess
import sys

import ideal
import numpy as np
import pytest

from superposition import metrics
from superposition.geometry.shapes import antiprism, simplex
from superposition.metrics import feature_dimensionality, interference

TRIANGLE, PENTAGON = ideal.polygon(3), ideal.polygon(5)
DIGON, TETRAHEDRON = simplex(1), simplex(3)


@pytest.mark.parametrize(
    ("polytope", "fraction"),
    [
        (np.eye(3), 1),
        (DIGON, 1 / 2),
        (TRIANGLE, 2 / 3),
        (PENTAGON, 2 / 5),
        (TETRAHEDRON, 3 / 4),
        (antiprism(4, 1 / np.sqrt(3)), 3 / 8),
    ],
    ids=["own dimension", "digon", "triangle", "pentagon", "tetrahedron", "square antiprism"],
)
def test_every_vertex_of_a_uniform_polytope_gets_an_equal_share_of_its_dimensions(
    polytope, fraction
):
    np.testing.assert_allclose(feature_dimensionality(polytope), fraction, rtol=1e-12)
    np.testing.assert_allclose(
        metrics.dimensions_per_feature(polytope), polytope.shape[0] / polytope.shape[1]
    )


def test_square_antiprism_reaches_three_eighths_only_as_a_tight_frame():
    assert feature_dimensionality(antiprism(4, 0.560)).max() < 0.375


def test_feature_that_was_not_learned_has_dimensionality_zero_and_shares_nothing():
    W = np.array([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_array_equal(feature_dimensionality(W), [1, 0])
    np.testing.assert_array_equal(interference(W), [0, 0])
    np.testing.assert_array_equal(metrics.cosines(W), [[1, 0], [0, 0]])


def test_zero_weights_have_infinitely_many_dimensions_per_feature():
    assert metrics.dimensions_per_feature(np.zeros((2, 3))) == np.inf


def test_interference_of_unit_features_is_the_sum_of_squared_cosines_with_the_others():
    np.testing.assert_allclose(interference(DIGON), 1)
    np.testing.assert_allclose(interference(TRIANGLE), 2 / 4)
    np.testing.assert_allclose(interference(np.eye(4)), 0)


def test_interference_grows_with_the_length_of_the_others_and_not_with_ones_own():
    W = DIGON * [1.0, 3.0]
    np.testing.assert_allclose(interference(W), [9, 1])
    np.testing.assert_allclose(interference(W * [5.0, 1.0]), [9, 25])


def test_dimensionality_is_the_norm_squared_over_itself_plus_interference():
    W = np.random.default_rng(0).standard_normal((3, 4, 9))
    squared = metrics.norms(W) ** 2
    np.testing.assert_allclose(feature_dimensionality(W), squared / (squared + interference(W)))


def test_measures_do_not_depend_on_the_hidden_basis():
    random = np.random.default_rng(1)
    W = random.standard_normal((4, 9))
    turned = np.linalg.qr(random.standard_normal((4, 4)))[0] @ W
    for measure in (metrics.gram, metrics.norms, interference, feature_dimensionality):
        np.testing.assert_allclose(measure(turned), measure(W), atol=1e-12)


def test_dimensionality_does_not_depend_on_the_scale_of_the_weights():
    W = np.random.default_rng(2).standard_normal((4, 9))
    np.testing.assert_allclose(feature_dimensionality(1e-3 * W), feature_dimensionality(W))


def test_permuting_features_permutes_their_measures():
    random = np.random.default_rng(3)
    W, order = random.standard_normal((4, 9)), random.permutation(9)
    for measure in (metrics.norms, interference, feature_dimensionality):
        np.testing.assert_allclose(measure(W[:, order]), measure(W)[order])


def test_dimensionalities_never_exceed_the_hidden_dimensions_together():
    W = np.random.default_rng(4).standard_normal((50, 4, 9))
    assert (feature_dimensionality(W).sum(axis=-1) <= 4 + 1e-9).all()


def test_a_stack_of_runs_is_measured_like_each_run_alone():
    W = np.random.default_rng(5).standard_normal((2, 3, 4, 9))
    for measure in (
        metrics.gram, metrics.cosines, metrics.norms, interference, feature_dimensionality,
        metrics.dimensions_per_feature, metrics.antipodal_pairs, metrics.is_orthogonal,
    ):  # fmt: skip
        np.testing.assert_array_equal(measure(W)[1, 2], measure(W[1, 2]))


def test_single_precision_weights_are_measured_in_double_precision():
    W = np.random.default_rng(6).standard_normal((4, 9)).astype(np.float32)
    assert metrics.gram(W).dtype == np.float64
    np.testing.assert_array_equal(metrics.gram(W), metrics.gram(W.astype(np.float64)))


def test_gram_matrix_is_the_product_of_the_transpose_with_itself():
    W = np.random.default_rng(8).standard_normal((4, 9))
    np.testing.assert_allclose(metrics.gram(W), W.T @ W)


def test_pairs_are_counted_once_and_only_among_represented_features():
    W = np.array([[1.0, -1.0, 0.0, 0.0, 0.5], [0.0, 0.0, 1.0, -0.5, 0.0]])
    assert metrics.antipodal_pairs(W) == 1
    assert metrics.antipodal_pairs(ideal.polygon(4)) == 2
    assert metrics.antipodal_pairs(PENTAGON) == 0


def test_a_regular_polygon_is_even_and_two_pairs_with_a_fifth_are_not():
    assert metrics.uneven_angle(PENTAGON * np.arange(1, 6)) == pytest.approx(0, abs=1e-9)
    fifth = np.column_stack([ideal.polygon(4), [np.sqrt(0.5), np.sqrt(0.5)]])
    assert metrics.uneven_angle(fifth) == pytest.approx(27)


def test_tables_hold_every_run_and_every_feature_of_every_run():
    weights = ideal.intro()["intro/relu_p0.2"]
    runs, features = metrics.measure({"intro/relu_p0.2": weights, "intro/relu_p0.1": weights})
    assert list(runs["model"]) == ["relu"] * 6
    assert list(runs["density"]) == ["p0.2"] * 3 + ["p0.1"] * 3
    runs = {name: column[:3] for name, column in runs.items()}
    features = {name: column[:15] for name, column in features.items()}
    assert runs["run"].tolist() == [0, 1, 2]
    assert runs["is_best"].tolist() == [False, True, False]
    assert runs["n_represented"].tolist() == [4, 4, 4]
    assert runs["n_antipodal_pairs"].tolist() == [2, 2, 2]
    assert {len(column) for column in features.values()} == {15}
    last = {name: column[-1] for name, column in features.items()}
    assert (last["run"], last["feature"], last["feature_probability"]) == (2, 4, 0.2)
    assert last["importance"] == 0.9**4
    assert last["bias"] == pytest.approx(0.1)


def test_tables_of_runs_that_were_not_compared_have_no_loss_and_no_best():
    weights = ideal.intro()["intro/relu_p0.2"]
    weights = type(weights)(cell=weights.cell, runs=weights.runs, final=weights.final)
    runs, _ = metrics.measure({"intro/relu_p0.2": weights})
    assert np.isnan(runs["loss"]).all()
    assert not runs["is_best"].any()


def test_measuring_waits_for_no_compiler_and_no_library_for_tables():
    code = "import sys, superposition.metrics, superposition.tables; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numba", "pandas", "torch", "matplotlib"} & set(found.stdout.split())
