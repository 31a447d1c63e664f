"""Figures about one feature that differs, and about sets of features."""

import drawn
import ideal_sets
import numpy as np
import pytest
from ideal_sets import weights

from superposition.geometry.branches import PENTAGON, WITHOUT
from superposition.plotting import FIGURES, partners, pca_collapse, planes, varied
from superposition.plotting.catalogue import nonuniform
from superposition.plotting.crossover import draw as draw_crossover
from superposition.plotting.perturbed import draw as draw_perturbed

NAMES = tuple(nonuniform.FIGURES)


@pytest.fixture(scope="module")
def cells():
    return ideal_sets.everything()


def of(cells, name):
    return {k: w for k, w in cells.items() if k.split("/")[0] in FIGURES[name].experiments}


@pytest.fixture(scope="module")
def figures(cells):
    return {name: drawn.figure(name, cells) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_drawn_the_same_twice(name, figures, cells):
    assert drawn.svg(figures[name]) == drawn.svg(drawn.figure(name, cells))


@pytest.mark.parametrize("name", ["crossover", "local_bases"])  # lines and marks; images
def test_figures_are_the_same_files_in_all_formats(name, cells, tmp_path):
    one, other = (drawn.files(name, cells, tmp_path / folder) for folder in ("one", "other"))
    assert one == other
    assert set(one) == {f"{name}.{ending}" for ending in ("svg", "pdf", "png")}


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_catalogued_with_their_claims(name):
    figure = FIGURES[name]
    assert figure.caption.endswith(".")
    assert figure.claims
    assert set(figure.claims) <= {f"C{k}" for k in range(36, 48)}


def test_runs_are_sorted_into_kinds(cells):
    found = varied.points(of(cells, "perturbed"))
    assert [point.relative for point in found] == pytest.approx(ideal_sets.RELATIVE)
    assert found[0].kinds == (PENTAGON, WITHOUT, PENTAGON)
    assert found[0].of(PENTAGON).tolist() == [0, 2]
    assert varied.crossing(found).relative == pytest.approx(0.4, abs=0.002)


def test_diverged_runs_are_left_out():
    solutions = [(ideal_sets.pentagon(1.0), 0.0)] * 2
    cell = weights(solutions, (0.05,) * 5, [np.nan, 1.0])
    (point,) = varied.points({"perturbed/relu_p0.05": cell})
    assert point.loss.tolist() == [1.0]


def test_the_crossing_is_written_beside_the_papers(figures):
    said = drawn.texts(figures["crossover"])
    assert "here 0.400" in said
    assert "paper ≈ 0.4" in said
    assert "zero at 0.400" in said
    assert "26  pentagon" in said


def test_a_crossover_without_digons_is_drawn_without_a_crossing():
    solutions = [(ideal_sets.pentagon(1.0), 0.0)]
    cells = {"perturbed/relu_p0.05": weights(solutions, (0.05,) * 5, [1.0])}
    assert "here" not in drawn.texts(draw_crossover(cells))
    assert "never the lowest loss" in drawn.texts(draw_perturbed(cells))


def test_the_overlay_says_where_each_kind_is_best(figures):
    said = drawn.texts(figures["perturbed"])
    assert "lowest loss from × 0.44 to × 2.5" in said
    assert "lowest loss from × 0.1 to × 0.36" in said


@pytest.mark.parametrize(
    ("name", "angle"),
    [("correlated_pairs", 90), ("anticorrelated_pairs", 180), ("correlated_hexagon", 60)],
)
def test_partners_are_measured_against_the_papers_angle(cells, figures, name, angle):
    shown = of(cells, name)
    densest = max(shown.values(), key=lambda w: w.cell.features.feature_probability[0])
    assert partners.expected_angle(densest.cell.features) == angle
    sparsest = min(shown.values(), key=lambda w: w.cell.features.feature_probability[0])
    angles = partners.partner_angles(sparsest)
    np.testing.assert_allclose(angles[sparsest.best], angle, atol=0.1)
    assert partners.as_expected(angles, angle)[sparsest.best]
    assert f"paper: {angle}°" in drawn.texts(figures[name])


def test_a_pair_with_a_member_at_zero_has_no_angle():
    W = ideal_sets.rays([0, 90, 180, 270], np.array([1, 0.1, 1, 1]))
    cell = weights([(W, 0.0)], (0.05,) * 4, [1.0], correlated=ideal_sets.PAIRS[:2])
    angles = partners.partner_angles(cell)
    assert np.isnan(angles[0, 0])
    assert not partners.as_expected(angles, 90).any()


def test_five_runs_run_from_the_lowest_loss_to_the_highest(figures):
    said = drawn.texts(figures["correlated_pairs"])
    places = [said.index(word) for word in ("lowest loss", "rank 2 of 5", "highest loss")]
    assert places == sorted(places)


def test_collapsed_pairs_are_counted_run_by_run(cells):
    cell = cells["correlated_hexagon/relu_p0.175"]
    assert pca_collapse.collapsed_pairs(cell).tolist() == [2, 3, 2]


def test_members_of_a_set_share_a_colour():
    colours = planes.set_colours(5, ((0, 2), (1, 3)))
    assert colours[0] == colours[2] != colours[1] == colours[3]
    assert colours[4] not in colours[:4]
