"""Figures of learning dynamics and of the appendix."""

from dataclasses import replace

import ideal_dynamics
import numpy as np
import plotted
import pytest

from superposition.figures import energy_levels, transformations
from superposition.measure.geometry import trajectories
from superposition.measure.network import TrainedCell
from superposition.model.parameters import Parameters


def first(weights, number):
    """The first runs of a cell."""
    runs = np.s_[:, :number]
    return replace(
        weights,
        runs=weights.runs[:number],
        final=Parameters(weights.W[:number], weights.b[:number]),
        snapshots=Parameters(weights.snapshots.W[runs], weights.snapshots.b[runs]),
        loss=weights.loss[:number],
        snapshot_loss=weights.snapshot_loss[runs],
    )


CELLS = ideal_dynamics.energy_levels() | ideal_dynamics.transformations()


@pytest.fixture(scope="module")
def trainings():
    """Trainings in which things jump, with their steps and losses."""
    weights = CELLS["energy_levels/relu_p0.3"]
    steps, loss = np.array(weights.cell.training.snapshots), weights.snapshot_loss.T
    W = weights.snapshots.W.swapaxes(0, 1).astype(np.float64)
    runs = [trajectories.watch(steps, *one)[0] for one in zip(W, loss, strict=True)]
    return steps, loss, runs


def test_the_run_shown_has_the_most_events(trainings):
    _, _, runs = trainings
    fewer = runs[0]._replace(events=runs[0].events[:1])
    assert energy_levels.shown([fewer, runs[1], runs[4]]) == 1


def test_the_pace_of_the_loss_in_an_event_is_said(trainings):
    _, _, runs = trainings
    drops = runs[energy_levels.shown(runs)].drops
    assert len(drops) == 2
    figure = plotted.example("energy_levels")
    assert plotted.lacks(figure, [f"× {drop.pace:.1f}" for drop in drops]) == []


def test_the_dashed_line_falls_as_beside_the_event(trainings):
    steps, loss, runs = trainings
    number = energy_levels.shown(runs)
    for event, drop in zip(runs[number].events, runs[number].drops, strict=True):
        usual = energy_levels.as_beside(steps, loss[number], event, drop)
        start, end = np.searchsorted(steps, (event.first, event.last))
        assert usual[start] == pytest.approx(loss[number, start])
        assert usual[end] == pytest.approx(loss[number, end] / (1 - drop.size))


def test_the_course_shown_goes_as_in_the_paper():
    runs = transformations.courses(TrainedCell("", CELLS["transformations/relu_p0.05"]))
    course = transformations.shown(runs[::-1])
    assert course.kind == trajectories.ANTIPRISM
    assert course.is_papers
    assert course.loss == min(r.loss for r in runs if r.kind == course.kind)
    assert transformations.shown([r for r in runs if r.kind == trajectories.PAIRS]).is_there


def test_a_route_is_named_by_what_came_first_of_antiprism_and_pairs():
    (course, *_) = transformations.courses(TrainedCell("", CELLS["transformations/relu_p0.05"]))
    names = (trajectories.ANTIPRISM, trajectories.PAIRS)
    for first, second in (names, names[::-1]):
        stages = (trajectories.LINEAR, first, second, trajectories.OCTAHEDRON)
        both = course._replace(stages=stages)
        assert both.kind == first
        assert both.is_papers == (first == trajectories.ANTIPRISM)
    assert course._replace(stages=(trajectories.LINEAR, trajectories.OCTAHEDRON)).kind == ""


def test_runs_that_go_through_both_are_counted_once_by_what_came_first_and_said():
    made = {
        **ideal_dynamics.STAGES,
        "both": (0 * ideal_dynamics.linear(), *map(ideal_dynamics.pairs, (1,)),
                 ideal_dynamics.turned(30), ideal_dynamics.turned(60)),
    }  # fmt: skip
    cells = ideal_dynamics.transformations(("antiprism",) * 2 + ("both",) * 3, made)
    words = ("2  antiprism first", "3  pairs first", "3 went through both")
    assert plotted.lacks(plotted.figure("transformations", cells), words) == []
    table = plotted.table("transformations", list(map(TrainedCell, cells, cells.values())))
    its = table[(table.panel == "run") & (table.experiment == "transformations")]
    assert its.route.tolist() == ["antiprism first"] * 2 + ["pairs first"] * 3
    assert its.through.iloc[-1] == "pairs, antiprism, octahedron"
    assert table.run[table.panel == "picture"].nunique() == 1


def test_axes_of_active_latents_reach_beyond_every_dictionary():
    table = plotted.example_table("autoencoders")
    active = table.active[(table.panel == "dictionary") & (table.active > 0)]
    panels = [
        axes
        for axes in plotted.example("autoencoders").axes
        if str(axes.get_gid()).startswith(("found-", "unexplained-"))
    ]
    assert panels
    for low, high in (axes.get_xlim() for axes in panels):
        assert low < active.min() < active.max() < high


@pytest.mark.parametrize("name", ["energy_levels", "transformations"])
def test_without_snapshots_a_figure_says_so(name):
    bare = {key: replace(w, snapshots=None, snapshot_loss=None) for key, w in CELLS.items()}
    assert plotted.lacks(plotted.figure(name, bare), ["No snapshots were kept"]) == []


@pytest.mark.parametrize(
    ("name", "word"), [("energy_levels", "12 features of 1 run"), ("transformations", "10,000")]
)
def test_a_single_run_is_plotted(name, word):
    alone = {key: first(w, 1) for key, w in CELLS.items() if w.snapshots is not None}
    assert plotted.lacks(plotted.figure(name, alone), [word]) == []


def test_models_are_plotted_by_features_per_dimension():
    axes, *_ = plotted.example("sensing").axes
    marks = [line for line in axes.get_lines() if line.get_label() == "n = 6, m = 2"]
    found = sorted(line.get_xydata().tolist() for line in marks)
    # Of two runs each.
    one = [1, pytest.approx(0.5)]
    assert found == [[one, one], [[2, 1], [2, 1], [5, 2.5], [5, 2.5]]]
