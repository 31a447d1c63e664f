"""Figures of uniform superposition draw, say what is in them, and are always the same."""

import drawn
import ideal
import ideal_geometry
import numpy as np
import pytest
from matplotlib.figure import Figure

from superposition.geometry.graphs import components
from superposition.geometry.shapes import polygon, simplex, tegum
from superposition.metrics import dimensions_per_feature
from superposition.plotting import FIGURES, polytopes
from superposition.plotting.authors import authors_run
from superposition.plotting.catalogue import geometry
from superposition.plotting.feature_graphs import THICKEST, draw_graph, layout
from superposition.plotting.levels import jitter, levels


def few():
    """Return networks small enough to be drawn at once, of every experiment of these figures."""
    shapes = {1.0: simplex(1)[:, :1], 0.6: simplex(3), 0.4: simplex(1), 0.2: polygon(5)}
    cells = {}
    for experiment, n, m in (
        ("geometry", 36, 6),
        ("geometry_wide", 36, 12),
        ("geometry_notebook", 16, 4),
    ):
        cells |= ideal_geometry.curve(experiment, n, m, shapes)
    return cells | ideal_geometry.small()


def shown(name):
    figure = FIGURES[name]
    return {key: w for key, w in few().items() if key.split("/")[0] in figure.experiments}


@pytest.fixture(scope="module")
def figures():
    return {name: drawn.figure(name, few()) for name in geometry.FIGURES}


def test_every_figure_of_the_section_has_what_it_needs():
    for name, figure in geometry.FIGURES.items():
        assert shown(name), name
        assert figure.caption.endswith(".")
        assert figure.claims


def twice(folder):
    """Draw all figures; return their SVG, and the digests of the files of one."""
    found = {name: drawn.svg(drawn.figure(name, few())) for name in geometry.FIGURES}
    return found | drawn.files("dimensionality", few(), folder)


def test_figures_are_the_same_bytes_in_another_process(figures, tmp_path):
    here = {name: drawn.svg(figure) for name, figure in figures.items()}
    here |= drawn.files("dimensionality", few(), tmp_path / "here")
    assert here == drawn.elsewhere(__name__, tmp_path / "elsewhere")


def test_the_curves_are_named_by_their_sizes_and_stand_beside_the_authors(figures):
    text = drawn.texts(figures["dimensions"])
    for label in ("36 features in 6 dimensions", "36 features in 12 dimensions"):
        assert label in text
    assert "the authors' own run" in text
    (axes,) = figures["dimensions"].axes
    marks = next(line for line in axes.lines if line.get_label().startswith("the authors"))
    np.testing.assert_array_equal(marks.get_ydata(), authors_run().D_star)


def test_lines_are_called_there_or_not_there_by_the_number_of_features(figures):
    text = drawn.texts(figures["dimensionality"])
    assert "1/2  digon: a line (12)" in text
    assert "2/5  pentagon: a line (15)" in text
    assert "3/4  tetrahedron: no line (8)" in text
    assert "3/8  square antiprism: no line (0)" in text
    assert "3 pentagons" in text
    assert "6 digons" in text
    assert "2 tetrahedra" in text


def test_the_notebooks_figure_gives_both_values_of_d_star(figures):
    text = drawn.texts(figures["dimensionality_notebook"])
    assert "1.00" in text
    assert ".43" in text  # theirs at 4.13
    assert ".40" in text  # ours at 5


def test_polytopes_are_described_by_what_they_send_to_zero_and_their_dimensionalities(figures):
    text = drawn.texts(figures["polytopes"])
    for line in (
        "(1, 1, 1)",
        "(1, 1, 1, 1)",
        "(1, 1, 0, 0)\n(0, 0, 1, 1)",
        "(1, 1, 1, 0, 0)\n(0, 0, 0, 1, 1)",
        "4 × 3/4: 0.750",
        "3 × 2/3: 0.667\nand 2 × 1/2: 0.500",
        "5 × 2/5: 0.400\nand 2 × 1/2: 0.500",
        "8 × 3/8: 0.375",
    ):
        assert line in text
    assert "-" not in polytopes.written(np.array([-0.01, -0.6, -1.0]))


def test_solutions_are_turned_onto_the_ideal_whatever_their_basis_and_order():
    random = np.random.default_rng(3)
    pictures = []
    for _ in range(2):
        basis = np.linalg.qr(random.standard_normal((3, 3)))[0]
        W = (basis @ tegum(simplex(2), simplex(1)))[:, random.permutation(5)]
        cell = ideal.weights("relu", W, np.zeros(5), 0.6, 1.0, runs=1)
        pictures.append(polytopes.solve("triangular bipyramid", cell).W)
    np.testing.assert_allclose(*pictures, atol=1e-6)


def graph(W, width=2.0, height=1.5):
    figure = Figure()
    axes = figure.add_axes((0, 0, 1, 1))
    return axes, draw_graph(axes, W, width, height)


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


def test_an_antiprism_is_drawn_with_its_two_squares_in_turn():
    W, _ = ideal_geometry.SMALL["square_antiprism"]
    order = np.random.default_rng(5).permutation(8)
    (part,) = components(W[:, order])
    spots = layout(W[:, order], part)
    around = order[np.argsort(np.arctan2(spots[:, 1], spots[:, 0]))]
    assert (np.abs(np.diff(around // 4)) == 1).all()


def test_jitter_is_within_its_width_and_even():
    offsets = jitter(400)
    assert np.abs(offsets).max() < 1
    assert np.histogram(offsets, 4, (-1, 1))[0].min() > 90


def test_levels_are_the_lowest_loss_runs_from_dense_to_sparse():
    cells = [w for key, w in few().items() if key.startswith("geometry/")]
    found = levels(reversed(cells))
    assert [level.place for level in found] == [1.0, 1 / 0.6, 2.5, 5.0]
    assert found[2].D_star == pytest.approx(float(dimensions_per_feature(found[2].W)))
    assert found[2].D_star == pytest.approx(0.5)
