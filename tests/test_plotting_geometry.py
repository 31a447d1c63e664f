"""Figures of uniform superposition are plotted, say what is in them, and are always the same."""

import ideal
import ideal_geometry
import numpy as np
import plotted
import pytest
from judged import trained
from matplotlib.figure import Figure

from superposition.figures import polytopes
from superposition.figures.parts.graphs import THICKEST, layout, plot_graph
from superposition.figures.parts.levels import measured
from superposition.figures.parts.paper import authors_run
from superposition.measure.geometry.graphs import components
from superposition.measure.geometry.shapes import polygon, simplex, tegum
from superposition.measure.network import TrainedCell

WORDS = {
    "dimensions": ("36 features in 6 dimensions", "in 12 dimensions", "the authors' own run"),
    "dimensionality": (
        *("1/2  digon: a line (12)", "2/5  pentagon: a line (15)", "3/4  tetrahedron: no line (8)"),
        *("3/8  square antiprism: no line (0)", "3 pentagons", "6 digons", "2 tetrahedra"),
    ),
    "dimensionality_notebook": ("1.00", ".43", ".40"),  # theirs at 4.13, ours at 5
    "polytopes": (
        *("(1, 1, 1)", "(1, 1, 1, 1)", "(1, 1, 0, 0)\n(0, 0, 1, 1)"),
        *("(1, 1, 1, 0, 0)\n(0, 0, 0, 1, 1)", "4 × 3/4: 0.750", "8 × 3/8: 0.375"),
        *("3 × 2/3: 0.667\nand 2 × 1/2: 0.500", "5 × 2/5: 0.400\nand 2 × 1/2: 0.500"),
    ),
}


def few():
    """Networks small enough to be plotted at once, of every experiment of these figures."""
    shapes = {1.0: simplex(1)[:, :1], 0.6: simplex(3), 0.4: simplex(1), 0.2: polygon(5)}
    cells = {}
    for experiment, n, m in (
        ("geometry", 36, 6),
        ("geometry_wide", 36, 12),
        ("geometry_notebook", 16, 4),
    ):
        cells |= ideal_geometry.curve(experiment, n, m, shapes)
    return cells | ideal_geometry.small()


@pytest.fixture(scope="module")
def figures():
    return {name: plotted.figure(name, few()) for name in WORDS}


def twice(folder):
    """Plot all figures; their SVG, and the digests of the files of one."""
    found = {name: plotted.svg(plotted.figure(name, few())) for name in WORDS}
    return found | plotted.files("dimensionality", few(), folder)


def test_figures_are_the_same_bytes_in_another_process(figures, tmp_path):
    here = {name: plotted.svg(figure) for name, figure in figures.items()}
    here |= plotted.files("dimensionality", few(), tmp_path / "here")
    assert here == plotted.elsewhere(__name__, tmp_path / "elsewhere")


@pytest.mark.parametrize(("name", "words"), WORDS.items())
def test_figures_say_what_is_in_them(name, words, figures):
    assert plotted.lacks(figures[name], words) == []


def test_curves_stand_beside_the_authors(figures):
    (axes,) = figures["dimensions"].axes
    marks = next(line for line in axes.lines if line.get_label().startswith("the authors"))
    np.testing.assert_array_equal(marks.get_ydata(), authors_run().D_star)


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
    cells = {key: w for key, w in few().items() if key.startswith("geometry/")}
    found = measured(reversed(trained(cells)))
    assert found.places.tolist() == [1.0, 1 / 0.6, 2.5, 5.0]
    assert found.D_star[2] == pytest.approx(0.5)
