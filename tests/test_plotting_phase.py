from pathlib import Path

import drawn
import ideal_phase
import numpy as np
import pytest

from superposition import cli
from superposition.config import load
from superposition.plotting import FIGURES, phase, phase_colours, phase_surfaces
from superposition.plotting.catalogue.phase import FIGURES as OURS
from superposition.plotting.files import save_figure
from superposition.theory import bias_free
from superposition.workflow import Plan

RELATIVE = tuple(np.geomspace(0.1, 10, 6).tolist())


def weights(n_hidden):
    return ideal_phase.diagram(n_hidden, rows=7, last=0.01, relative=RELATIVE)


@pytest.fixture(scope="module")
def figures():
    return {"phase_two": phase.draw(weights(1)), "phase_three": phase.draw(weights(2))}


@pytest.mark.parametrize(("name", "n_hidden"), [("phase_two", 1), ("phase_three", 2)])
def test_diagrams_are_the_same_whatever_the_order_of_their_rows(name, n_hidden, figures):
    turned = dict(reversed(weights(n_hidden).items()))
    assert drawn.svg(figures[name]) == drawn.svg(phase.draw(turned))


def test_a_diagram_is_the_same_small_files_in_all_formats(figures, tmp_path):
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        save_figure(figures["phase_two"], folder / "phase_two")
    one, other = (sorted(folder.iterdir()) for folder in folders)
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]
    assert [file.suffix for file in one] == [".pdf", ".png", ".svg"]
    assert all(file.stat().st_size < 1_000_000 for file in one)


def test_surfaces_are_drawn_without_weights_and_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no config.yaml here
    assert cli.main(["plot", "phase_surfaces", "--weights", "--folder", "a"]) == 0
    sizes = [(tmp_path / f"a/phase_surfaces.{e}").stat().st_size for e in ("svg", "pdf", "png")]
    assert max(sizes) < 1_000_000
    # The title is in files only.
    title = FIGURES["phase_surfaces"].title
    saved = (tmp_path / "a/phase_surfaces.svg").read_text(encoding="utf-8").splitlines()
    again = drawn.svg(drawn.figure("phase_surfaces", {})).splitlines()
    assert [line for line in saved if title not in line] == again
    calls = []
    monkeypatch.setattr("superposition.plotting.draw", lambda *given: calls.append(given))
    assert cli.main(["plot", "phase_surfaces", "--folder", "b"]) == 0
    assert calls == [("phase_surfaces", {}, Path("b"))]


def test_a_figure_of_mathematics_is_part_of_every_plan():
    class Wildcards:
        figure = "phase_surfaces"

    plan = Plan(load("config.yaml"))
    assert "phase_surfaces" in plan.figures
    assert plan.weights_of(Wildcards()) == []
    assert plan.figure_code(Wildcards())


def test_captions_name_claims_that_there_are():
    from superposition.claims.phase import CLAIMS

    ids = {claim.id for claim in CLAIMS}
    for name, figure in OURS.items():
        assert FIGURES[name] is figure
        assert figure.caption.endswith(".")
        assert set(figure.claims) <= ids


def test_colours_are_those_of_the_papers_map():
    grey, blue, red = phase_colours.colours(np.array([0.0, 1.0, 1.5]), np.array([1.0, 0.0, 2.0]))
    assert np.ptp(grey) < 0.01
    assert blue.argmax() == 2
    assert red.argmax() == 0
    purple = phase_colours.colours(np.array(1.0), np.array(0.5))
    np.testing.assert_allclose(purple, (blue + red) / 2)


def test_the_averaged_reading_leaves_the_worst_run_out():
    (point, *_) = next(iter(weights(1).values())).points()
    W = point.W.copy()
    W[0] = 5.0
    loss = np.array([9.0, 1.0, 2.0])
    changed = type(point)(point.cell, point.runs, type(point.final)(W, point.b), loss)
    assert phase._mean_of_all_but_the_worst([changed]) == phase._of_lowest_loss([point])


def test_every_trained_point_is_in_the_picture_where_the_axes_say(figures):
    axes = figures["phase_two"].axes[2]
    picture = axes.images[0].get_array()
    assert axes.get_xlim()[0] < -1 < 1 < axes.get_xlim()[1]
    # Top left: the extra feature is left out; top right: it is alone; bottom: in superposition.
    assert picture[5, 5].tolist() == [221, 221, 221]
    assert picture[5, -5].tolist() == [0, 51, 153]
    assert picture[-5, 200].tolist() == [221, 68, 68]


def test_minima_are_where_the_loss_is_lower_than_around():
    for density in (1.0, 0.7, 0.3):
        found = phase_surfaces.minima(0.5, density)
        assert found
        for w_1, w_2, loss in found:
            for angle in np.linspace(0, 2 * np.pi, 16):
                w = w_1 + 0.01 * np.cos(angle), w_2 + 0.01 * np.sin(angle)
                around = bias_free.loss(*map(np.array, w), np.array(0.5), np.array(density))
                assert around > loss


def test_the_lowest_minimum_changes_from_one_direction_to_opposite_ones():
    assert phase_surfaces.minima(1.0, 0.9)[0][1] > 0
    assert phase_surfaces.minima(1.0, 0.3)[0][1] < 0
