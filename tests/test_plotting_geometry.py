"""Figures of uniform superposition, of a feature that differs and of sets of features."""

import ideal
import ideal_geometry
import ideal_sets
import numpy as np
import plotted
import pytest
from ideal_sets import weights
from judged import trained
from matplotlib.figure import Figure

from superposition.figures import polytopes
from superposition.figures.parts import partners, planes
from superposition.figures.parts.graphs import THICKEST, layout, plot_graph
from superposition.figures.parts.levels import measured
from superposition.figures.parts.paper import authors_run
from superposition.figures.pca_collapse import collapsed_pairs
from superposition.measure.geometry.graphs import components
from superposition.measure.geometry.shapes import polygon, simplex, tegum
from superposition.measure.network import TrainedCell


def test_curves_stand_beside_the_authors():
    (axes,) = plotted.example("dimensions").axes
    marks = next(line for line in axes.lines if line.get_label().startswith("the authors"))
    np.testing.assert_array_equal(marks.get_ydata(), authors_run().D_star)


def test_our_sizes_are_compared_at_the_levels_that_all_have():
    shapes = {density: simplex(1) for density in (1.0, 0.5, 0.25)}
    few = {density: simplex(1) for density in (0.5, 0.25, 0.2)}
    cells = ideal_geometry.curve("geometry", 8, 2, shapes)
    cells |= ideal_geometry.curve("geometry_wide", 8, 4, few)
    (axes,) = plotted.figure("dimensions", cells).axes
    ours = [line.get_xdata().tolist() for line in axes.lines if line.get_gid()]
    assert ours == [[2.0, 4.0]] * 2
    behind = [line for line in axes.lines if line.get_label().endswith("at all of its densities")]
    assert [line.get_xdata().tolist() for line in behind] == [[1.0, 2.0, 4.0], [2.0, 4.0, 5.0]]


def test_levels_with_fewer_than_ten_learned_features_are_blank():
    shapes = {0.8: simplex(1)[:, :1], 0.4: simplex(1)}
    few = np.eye(6, 36) * (np.arange(36) < 1)
    cells = ideal_geometry.curve("geometry", 36, 6, shapes)
    cells |= ideal.at_densities("geometry", {1.0: few}, runs=2)
    table = plotted.table("payoff", list(map(TrainedCell, cells, cells.values())))
    shares = table[table.panel == "share"].groupby("density")
    assert shares.share.count()[1.0] == 0
    assert (shares.share.sum()[[0.4, 0.8]] == 1).all()
    learned = shares.learned.first()
    assert learned[1.0] == 2
    assert (learned[[0.4, 0.8]] >= 10).all()


def test_every_dot_beside_the_authors_is_within_the_axes():
    axes = plotted.example("dimensionality_notebook").axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    places = axes.transData.transform(np.concatenate([line.get_xydata() for line in dots]))[:, 0]
    radius = max(line.get_markersize() for line in dots) / 2 * axes.figure.dpi / 72
    box = axes.get_window_extent()
    assert box.x0 + radius < places.min() < places.max() < box.x1 - radius


def test_a_graph_of_features_is_joined_to_its_level():
    scatter, fan, *graphs = plotted.example("dimensionality").axes
    through = [line for line in scatter.lines if list(line.get_ydata()) == [0, 0.93]]
    levels = [line.get_xdata()[0] for line in through]
    assert levels
    for level, line, graph in zip(levels, fan.lines, graphs, strict=True):
        (top, _), (bottom, _) = fan.transData.transform(line.get_xydata())
        assert top == pytest.approx(scatter.transData.transform((level, 0))[0], abs=0.1)
        assert bottom == pytest.approx(graph.get_window_extent().xmin + graph.bbox.width / 2)


def test_vectors_are_written_with_minus_signs():
    assert polytopes.written(np.array([-0.01, -0.6, -1.0])) == "(0, −0.6, −1)"


def test_solutions_are_turned_onto_the_ideal_whatever_their_basis_and_order():
    random = np.random.default_rng(3)
    pictures = []
    for _ in range(2):
        basis = np.linalg.qr(random.standard_normal((3, 3)))[0]
        W = (basis @ tegum(simplex(2), simplex(1)))[:, random.permutation(5)]
        cell = ideal.weights("relu", W, np.zeros(5), 0.6, 1.0, runs=1)
        trained = TrainedCell("triangular_bipyramid/relu_p0.6", cell)
        pictures.append(polytopes.solve(trained)[0])
    np.testing.assert_allclose(*pictures, atol=1e-6)


def graph(W, width=2.0, height=1.5):
    figure = Figure()
    axes = figure.add_axes((0, 0, 1, 1))
    return axes, plot_graph(axes, W, width, height)


def test_all_nodes_are_inside_and_apart():
    random = np.random.default_rng(0)
    for W in (
        tegum(*[simplex(1)] * 30),
        tegum(*[polygon(5)] * 10, *[simplex(3)] * 3),
        random.standard_normal((4, 40)) / 2,
    ):
        axes, parts = graph(W)
        spots = np.concatenate([line.get_xydata() for line in axes.lines])
        assert len(spots) == sum(len(part.members) for part in parts)
        assert (spots > 0).all()
        assert (spots < [2.0, 1.5]).all()
        apart = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=-1))
        assert apart[~np.eye(len(spots), dtype=bool)].min() > 0.01


def test_edges_are_as_wide_as_products_are_large():
    axes, _ = graph(tegum(simplex(1), 0.8 * simplex(1)))
    widths = sorted(float(w) for edges in axes.collections for w in edges.get_linewidths())
    assert widths == pytest.approx([0.64 * THICKEST, THICKEST])


def test_an_antiprism_is_plotted_with_its_two_squares_in_turn():
    W, _ = ideal_geometry.SMALL["square_antiprism"]
    order = np.random.default_rng(5).permutation(8)
    (part,) = components(W[:, order])
    spots = layout(W[:, order], part)
    around = order[np.argsort(np.arctan2(spots[:, 1], spots[:, 0]))]
    assert (np.abs(np.diff(around // 4)) == 1).all()


def test_levels_are_the_lowest_loss_runs_from_dense_to_sparse():
    cells = {key: w for key, w in plotted.polytopes().items() if key.startswith("geometry/")}
    found = measured(reversed(trained(cells)))
    assert found.places.tolist() == [1.0, 1 / 0.6, 2.5, 5.0]
    assert found.D_star[2] == pytest.approx(0.5)


PARTNERS = {"correlated_pairs": 90, "anticorrelated_pairs": 180, "correlated_hexagon": 60}


def test_a_crossover_without_digons_is_plotted_without_a_crossing():
    solutions = [(ideal_sets.pentagon(1.0), 0.0)]
    cells = {"perturbed/relu_p0.05": weights(solutions, (0.05,) * 5, [1.0])}
    assert "here" not in plotted.texts(plotted.figure("crossover", cells))
    assert "never the lowest loss" in plotted.texts(plotted.figure("perturbed", cells))


@pytest.mark.parametrize(("name", "angle"), PARTNERS.items())
def test_partners_are_measured_against_the_papers_angle(name, angle):
    best = min(plotted.cells(name), key=lambda cell: cell.density).best
    assert partners.expected_angle(best.features) == angle
    np.testing.assert_allclose(partners.partner_angles(best), angle, atol=0.1)
    assert partners.is_as_expected(best, angle)
    assert f"paper: {angle}°" in plotted.texts(plotted.example(name))


def test_a_pair_with_a_member_at_zero_has_no_angle():
    W = ideal_sets.rays([0, 90, 180, 270], np.array([1, 0.1, 1, 1]))
    cell = weights([(W, 0.0)], (0.05,) * 4, [1.0], correlated=ideal_sets.PAIRS[:2])
    network = TrainedCell("", cell).best
    assert np.isnan(partners.partner_angles(network)).tolist() == [True, False]
    assert not partners.is_as_expected(network, 90)


def test_five_runs_run_from_the_lowest_loss_to_the_highest_and_those_that_diverged():
    said = plotted.texts(plotted.example("correlated_pairs"))
    places = [said.index(word) for word in ("lowest loss", "rank 2 of 5", "highest loss")]
    assert places == sorted(places)
    solutions = [(ideal_sets.rays([0, 90, 180, 270]), 0.0)] * 3
    cell = weights(solutions, (0.05,) * 4, [np.nan, 2, 1], correlated=ideal_sets.PAIRS[:2])
    figure = plotted.figure("correlated_pairs", {"correlated_pairs/relu_p0.05": cell})
    assert [axes.get_gid() for axes in figure.axes][:3] == ["run-2", "run-1", None]


def test_collapsed_pairs_are_counted_run_by_run():
    cell = TrainedCell("", ideal_sets.correlated_hexagon()["correlated_hexagon/relu_p0.175"])
    assert [collapsed_pairs(run) for run in cell.networks] == [2, 3, 2]


def test_members_of_a_set_share_a_colour():
    cell = weights([(np.ones((2, 5)), 0.0)], (0.05,) * 5, [1.0], correlated=((0, 2), (1, 3)))
    colours = planes.set_colours(cell.cell.features)
    assert colours[0] == colours[2] != colours[1] == colours[3]
    assert colours[4] not in colours[:4]
