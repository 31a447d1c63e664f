"""Claims about uniform superposition hold on polytopes built by hand, and not on what is near."""

import json
from fractions import Fraction
from importlib.resources import files

import ideal
import ideal_geometry
import numpy as np
import pytest
from judged import best, changed, deviation, verdict

from superposition.claims.claim import Outcome
from superposition.claims.controls import AS_MANY, FALLING, PENTAGONS
from superposition.claims.networks import Library
from superposition.claims.sections import dimensionality, polytopes, uniform
from superposition.claims.statistics import constructed
from superposition.measure.geometry import dimensions
from superposition.measure.geometry.shapes import antiprism, polygon, simplex, tegum
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality

LENGTHS = 1 + 0.02 * np.random.default_rng(1).standard_normal(200)
BLURRED = ideal_geometry.filled(polygon(5), 200, 20) * LENGTHS


WEIGHTS = ideal_geometry.geometry()


@pytest.mark.parametrize(
    ("claim", "key", "W", "words"),
    [
        ("C23", "geometry/relu_p1", ideal_geometry.filled(simplex(1), 400, 30), "D* at 1 − S = 1"),
        ("C24", "geometry/relu_p0.35", np.eye(30, 400) * 1.2, "factor"),
        ("C25", "geometry/relu_p0.22", np.eye(30, 400), "largest rise"),
        ("C26", "geometry_wide/relu_p0.45", np.eye(60, 400) * (np.arange(400) < 30), "Σ D_i"),
        ("C27", "geometry/relu_p0.63", np.eye(30, 400) * 1.1, "3/4"),
        ("C28", "tetrahedron/relu_p0.62", np.array([[1, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]),
         "lowest-loss run"),
        ("C29", "triangular_bipyramid/relu_p0.6", np.hstack([np.eye(3), -np.eye(3)[:, :2]]),
         "polygons and digons"),
        ("C30", "geometry/relu_p0.22", ideal_geometry.filled(simplex(1), 400, 30), "antiprism"),
        ("C31", "geometry_notebook/relu_p0.3316", ideal_geometry.filled(simplex(2), 200, 20),
         "features with D_i"),
        ("C32", "geometry_wide/relu_p0.45", ideal_geometry.filled(simplex(2), 400, 60), "m = 60"),
        ("C33", "pressure/relu_p0.21+steps20000", BLURRED, "width of clusters"),
        ("C34", "geometry/relu_p0.15", ideal_geometry.filled(simplex(1), 400, 30), "named"),
        ("C35", "triangle/relu_p0.65", np.array([[1, -1, 0], [0, 0, 1.0]]), "null vector"),
    ],
)  # fmt: skip
def test_claim_is_contradicted_by_another_solution(claim, key, W, words):
    found = deviation(changed(WEIGHTS, key, W=W), claim)
    assert words in found.reason


def test_a_bipyramid_whose_vertices_all_have_three_fifths_contradicts_two_claims():
    five = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0][:3]
    for _ in range(200):  # alternate: equal lengths, tight frame
        five = five / np.linalg.norm(five, axis=0)
        left, _, right = np.linalg.svd(five, full_matrices=False)
        five = left @ right * np.sqrt(5 / 3)
    np.testing.assert_allclose(feature_dimensionality(five), 0.6, atol=1e-6)
    weights = changed(WEIGHTS, "triangular_bipyramid/relu_p0.6", W=five)
    weights = changed(weights, "geometry/relu_p0.6", W=ideal_geometry.filled(five, 400, 30))
    found = verdict(weights, "C29")
    assert "3/5" in found.reason
    assert "polygons and digons" in found.reason
    assert verdict(weights, "C28").outcome == Outcome.DEVIATES


def test_the_width_of_clusters_is_that_of_each_by_itself():
    narrow = ideal_geometry.filled(tegum(polygon(5), simplex(1)), 200, 20)
    assert dimensionality.cluster_width(network(narrow)) == pytest.approx(0, abs=1e-9)
    # Longer by 1 %, a feature of a digon has 1 % more of its dimension than half, the other less.
    pairs = ideal_geometry.filled(simplex(1), 200, 20) * np.where(np.arange(200) % 2, 1, 1.01)
    assert dimensionality.cluster_width(network(pairs)) == pytest.approx(0.005, rel=0.01)
    both = (network(pairs), network(narrow, experiment="other"))
    assert dimensionality.narrowing(both) == pytest.approx([0], abs=1e-6)
    assert np.isnan(dimensionality.cluster_width(network(np.eye(30, 400) * (np.arange(400) < 9))))


@pytest.mark.parametrize("claim", ["C23", "C24", "C29"])
def test_plateaus_and_missing_lines_are_not_judged_on_few_levels(claim):
    apart = ("geometry/relu_p1", "geometry/relu_p0.35", "geometry/relu_p0.22")
    few = {k: its for k, its in WEIGHTS.items() if not k.startswith("geometry/") or k in apart}
    found = verdict(few, claim)
    told = "3 densities of geometry; judging needs 8"
    assert (found.outcome, found.reason) == (Outcome.NOT_TESTED, told)


def test_without_the_runs_that_it_needs_pressure_is_not_tested():
    few = {key: cell for key, cell in WEIGHTS.items() if key != "pressure/relu_p0.21+steps20000"}
    found = verdict(few, "C33")
    assert (found.outcome, found.reason) == (
        Outcome.NOT_TESTED,
        "pressure has one value of steps; the claim compares several",
    )


def test_cells_of_another_size_are_held_against_their_own_task():
    other = ideal.weights("relu", np.eye(30, 400), np.zeros(400), 1.0, 1.0, runs=1)
    found = verdict(WEIGHTS | {"geometry_wide/relu_p1": other}, "C32")
    assert found.outcome == Outcome.NOT_TESTED
    assert "n = 400, m = 30; the claim is about n = 400, m = 60" in found.reason


def network(W, density=1.0, experiment="geometry"):
    return constructed(np.asarray(W, dtype=float), density, experiment=experiment)


def test_plateaus_are_measured_as_far_as_they_go_without_a_break():
    places = np.array([1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0])
    stars = np.array([1.0, 0.98, 0.9, 1.0, 0.51, 0.49, 0.3])
    assert uniform.stays_at_one(places, stars) == pytest.approx(1.2)
    assert uniform.plateau_stretch(places, stars) == pytest.approx(4 / 3)
    assert uniform.stays_at_one(places, stars * 0.9) == 0
    assert uniform.plateau_stretch(places, stars + 1) == 0
    broken = np.array([0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.4])
    assert uniform.plateau_stretch(places, broken) == pytest.approx(2.0)


def test_curves_are_compared_on_plateaus_and_densities_at_equal_d_star_between_them():
    of_first = [(1.0, 1.0), (1 / 2, 0.9), (1 / 4, 0.5), (1 / 8, 0.5), (1 / 16, 0.25)]
    # On both plateaus, between them, and where the first curve does not go.
    of_other = [(1.0, 0.98), (1 / 3, 0.7), (1 / 6, 0.46), (1 / 40, 0.1)]
    networks = [
        network(np.eye(1) / np.sqrt(star), density, name)
        for name, levels in (("first", of_first), ("other", of_other))
        for density, star in levels
    ]
    assert uniform.difference_on_plateaus(networks) == pytest.approx([0.04])
    halfway = np.sqrt(8)  # where the first has 0.7, in log 1/(1 − S)
    assert uniform.ratio_at_equal_D_star(networks) == pytest.approx([halfway / 3])


def test_controls_of_curves_have_the_d_star_that_they_say():
    for one in best(WEIGHTS, "C32"):
        star = float(dimensions_per_feature(one.W))
        falling = float(dimensions_per_feature(FALLING.build(one, Library([])).W))
        assert falling == pytest.approx(one.density ** (2 / 3))
        as_many = float(dimensions_per_feature(AS_MANY.build(one, Library([])).W))
        assert as_many == pytest.approx(star * one.W.shape[0] / 30)
        pentagons = feature_dimensionality(PENTAGONS.build(one, Library([])).W)
        assert set(np.round(pentagons, 6)) <= {0.0, 0.4}


def test_polytopes_features_are_told_by_their_groups_and_lines_by_where_they_are():
    found = {its.name: its for its in dimensions.members(n.W for n in best(WEIGHTS, "C27"))}
    assert {name: its.D.size for name, its in found.items()} == {
        "tetrahedron": 40,
        "triangle": 45,
        "digon": 180,
        "pentagon": 75,
        "square antiprism": 80,
    }
    assert all(
        its.make_a_line and its.mean == pytest.approx(its.fraction) for its in found.values()
    )
    # Three hundred features that are hardly learned take a little of every dimension.
    W = ideal_geometry.filled(simplex(3), 400, 30)
    W[:, 40:] = 0.06 / np.sqrt(30) * np.sign(np.random.default_rng(0).standard_normal((30, 360)))
    crowded = {its.name: its for its in dimensions.members([W])}["tetrahedron"]
    assert crowded.make_a_line
    assert 0.7 < crowded.mean < 0.745
    alone = {its.name: its for its in dimensions.members([W], learned_alone=True)}["tetrahedron"]
    assert alone.mean == pytest.approx(0.75)
    # Digons that share dimensions with other digons are no longer where digons are.
    crowd = dimensions.Members("digon", Fraction(1, 2), np.full(30, 0.44))
    assert not crowd.make_a_line
    # Features that spread over half of the way to the next fraction are no cluster.
    for spread, together in ((0.008, True), (0.02, False)):
        D = 0.4 + np.random.default_rng(0).normal(0, spread, 400)
        assert dimensions.Members("pentagon", Fraction(2, 5), D).make_a_line == together


def test_bipyramids_would_be_seen_if_there_were_any():
    for name, k in (("triangular bipyramid", 3), ("pentagonal bipyramid", 5)):
        shape = np.zeros((3, k + 2))
        shape[:2, :k], shape[2, k:] = polygon(k), (0.9, -0.9)
        tilted = shape.copy()
        tilted[2, :k] = 0.5  # which makes one component of polygon and digon
        for W, found in ((shape, 0), (tilted, k + 2)):
            one = network(np.pad(W, ((0, 0), (0, 3))), 0.1)
            assert dimensionality._in_bipyramids(name, [one]) == found


def test_simplex_is_told_from_other_solutions_of_its_rank():
    assert polytopes.off_simplex(network(simplex(3))) == pytest.approx(0, abs=1e-12)
    assert polytopes.off_simplex(network(tegum(simplex(2), np.ones((1, 1))))) > 0.5
    assert polytopes.off_simplex(network(np.eye(3))) == np.inf
    assert polytopes.off_simplex(network(polygon(5))) == np.inf


def test_thomsons_antiprism_is_close_enough_to_three_eighths_but_a_cube_like_one_is_not():
    def off(height):
        W = antiprism(4, height)
        return polytopes.off_fraction(network(W, experiment="square_antiprism"))

    assert off(0.5604) < 0.02 < off(0.3)


def test_the_authors_run_fills_its_dimensions_and_is_spread_where_sparse():
    resource = files("superposition") / "reference" / "authors_geometry_n200_m20.json"
    run = json.loads(resource.read_text(encoding="utf-8"))
    assert "MIT" in run["source"]
    D, stars = np.array(run["D"]), np.array(run["D_star"])
    sparse = np.array(run["inverse_density"]) > dimensionality.SPARSE
    assert dimensions.share_on_lines(D[sparse], stars[sparse], dimensionality.SMALLEST) < 0.03
    np.testing.assert_allclose(D.sum(axis=1), 20, atol=0.06)
