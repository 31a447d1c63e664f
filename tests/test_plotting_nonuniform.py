"""Figures about one feature that differs, and about sets of features."""

import ideal_sets
import numpy as np
import plotted
import pytest
from ideal_sets import weights

from superposition.figures.parts import partners, planes
from superposition.figures.pca_collapse import collapsed_pairs
from superposition.measure.network import TrainedCell

PARTNERS = {"correlated_pairs": 90, "anticorrelated_pairs": 180, "correlated_hexagon": 60}
NAMES = ("perturbed", "crossover", *PARTNERS, "local_bases", "pca_collapse")


@pytest.fixture(scope="module")
def cells():
    return ideal_sets.everything()


@pytest.fixture(scope="module")
def figures(cells):
    return {name: plotted.figure(name, cells) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_the_same_whatever_the_order_of_their_cells(name, figures, cells):
    turned = dict(reversed(cells.items()))
    assert plotted.svg(figures[name]) == plotted.svg(plotted.figure(name, turned))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("crossover", ("here 0.400", "paper ≈ 0.4", "zero at 0.400", "26  pentagon")),
        ("perturbed", ("lowest loss from × 0.44 to × 2.5", "lowest loss from × 0.1 to × 0.36")),
    ],
)
def test_the_crossing_and_where_each_kind_is_best_are_said(name, words, figures):
    assert plotted.lacks(figures[name], words) == []


def test_a_crossover_without_digons_is_plotted_without_a_crossing():
    solutions = [(ideal_sets.pentagon(1.0), 0.0)]
    cells = {"perturbed/relu_p0.05": weights(solutions, (0.05,) * 5, [1.0])}
    assert "here" not in plotted.texts(plotted.figure("crossover", cells))
    assert "never the lowest loss" in plotted.texts(plotted.figure("perturbed", cells))


@pytest.mark.parametrize(("name", "angle"), PARTNERS.items())
def test_partners_are_measured_against_the_papers_angle(cells, figures, name, angle):
    shown = [TrainedCell(key, w) for key, w in cells.items() if key.startswith(f"{name}/")]
    best = min(shown, key=lambda cell: cell.density).best
    assert partners.expected_angle(best.features) == angle
    np.testing.assert_allclose(partners.partner_angles(best), angle, atol=0.1)
    assert partners.is_as_expected(best, angle)
    assert f"paper: {angle}°" in plotted.texts(figures[name])


def test_a_pair_with_a_member_at_zero_has_no_angle():
    W = ideal_sets.rays([0, 90, 180, 270], np.array([1, 0.1, 1, 1]))
    cell = weights([(W, 0.0)], (0.05,) * 4, [1.0], correlated=ideal_sets.PAIRS[:2])
    network = TrainedCell("", cell).best
    assert np.isnan(partners.partner_angles(network)).tolist() == [True, False]
    assert not partners.is_as_expected(network, 90)


def test_five_runs_run_from_the_lowest_loss_to_the_highest_and_those_that_diverged(figures):
    said = plotted.texts(figures["correlated_pairs"])
    places = [said.index(word) for word in ("lowest loss", "rank 2 of 5", "highest loss")]
    assert places == sorted(places)
    solutions = [(ideal_sets.rays([0, 90, 180, 270]), 0.0)] * 3
    cell = weights(solutions, (0.05,) * 4, [np.nan, 2, 1], correlated=ideal_sets.PAIRS[:2])
    figure = plotted.figure("correlated_pairs", {"correlated_pairs/relu_p0.05": cell})
    assert [axes.get_gid() for axes in figure.axes][:3] == ["run-2", "run-1", "run-0"]


def test_collapsed_pairs_are_counted_run_by_run(cells):
    cell = TrainedCell("", cells["correlated_hexagon/relu_p0.175"])
    assert [collapsed_pairs(run) for run in cell.networks] == [2, 3, 2]


def test_members_of_a_set_share_a_colour():
    cell = weights([(np.ones((2, 5)), 0.0)], (0.05,) * 5, [1.0], correlated=((0, 2), (1, 3)))
    colours = planes.set_colours(cell.cell.features)
    assert colours[0] == colours[2] != colours[1] == colours[3]
    assert colours[4] not in colours[:4]
