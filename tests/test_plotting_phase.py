import ideal_phase
import numpy as np
import plotted
import pytest

from superposition.figures import phase_surfaces, style
from superposition.figures.parts.phase_diagrams import mean_of_all_but_the_worst, of_lowest_loss
from superposition.measure.network import TrainedCell
from superposition.measure.theory import bias_free
from superposition.model.weights import Weights

CELLS = {
    name: ideal_phase.diagram(m, rows=7, last=0.01, relative=np.geomspace(0.1, 10, 6).tolist())
    for name, m in (("phase_two", 1), ("phase_three", 2))
}


@pytest.fixture(scope="module")
def figures():
    return {name: plotted.figure(name, cells) for name, cells in CELLS.items()}


@pytest.mark.parametrize("name", CELLS)
def test_diagrams_are_the_same_whatever_the_order_of_their_cells(name, figures):
    turned = dict(reversed(CELLS[name].items()))
    assert plotted.svg(figures[name]) == plotted.svg(plotted.figure(name, turned))


def test_a_diagram_is_the_same_small_files_in_all_formats(tmp_path):
    one, other = (
        plotted.files("phase_two", CELLS["phase_two"], tmp_path / folder)
        for folder in ("one", "other")
    )
    assert one == other
    assert all(file.stat().st_size < 1_000_000 for file in (tmp_path / "one").iterdir())


def test_colours_are_those_of_the_papers_map():
    grey, blue, red = style.phase(np.array([0.0, 1.0, 1.5]), np.array([1.0, 0.0, 2.0]))
    assert np.ptp(grey) < 0.01
    assert blue.argmax() == 2
    assert red.argmax() == 0
    purple = style.phase(np.array(1.0), np.array(0.5))
    np.testing.assert_allclose(purple, (blue + red) / 2)


def test_the_averaged_reading_leaves_the_worst_run_out():
    weights = next(iter(CELLS["phase_two"].values()))
    W = weights.W.copy()
    W[0] = 5.0
    final = type(weights.final)(W, weights.b)
    changed = Weights(weights.cell, weights.runs, final, loss=np.array([9.0, 1.0, 2.0]))
    averaged = mean_of_all_but_the_worst([TrainedCell("", changed)])
    assert averaged == of_lowest_loss([TrainedCell("", weights)])


def test_every_trained_point_is_in_the_picture_where_the_axes_say(figures):
    axes = figures["phase_two"].axes[2]
    picture = axes.images[0].get_array()
    assert axes.get_xlim()[0] < -1 < 1 < axes.get_xlim()[1]
    # Top left: the extra feature is left out; top right: it is alone; bottom: in superposition.
    assert picture[5, 5].tolist() == [221, 221, 221]
    assert picture[5, -5].tolist() == [0, 51, 153]
    assert picture[-5, 200].tolist() == [221, 68, 68]


def test_minima_are_where_the_loss_is_lower_than_around():
    angles = np.linspace(0, 2 * np.pi, 16)
    around = 0.01 * np.stack([np.cos(angles), np.sin(angles)])
    for density in (1.0, 0.7, 0.3):
        found = phase_surfaces.minima(0.5, density)
        assert found
        for w_1, w_2, loss in found:
            w = np.add(around, [[w_1], [w_2]])
            assert (bias_free.loss(*w, np.array(0.5), np.array(density)) > loss).all()


def test_the_lowest_minimum_changes_from_one_direction_to_opposite_ones():
    assert phase_surfaces.minima(1.0, 0.9)[0][1] > 0
    assert phase_surfaces.minima(1.0, 0.3)[0][1] < 0
