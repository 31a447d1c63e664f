"""Figures of learning dynamics and of the appendix."""

import hashlib
from dataclasses import replace

import ideal_dynamics
import numpy as np
import pytest
from ideal import cell

from superposition.geometry import trajectories
from superposition.parameters import Parameters
from superposition.plotting import FIGURES, draw, energy_levels, transformations
from superposition.plotting import sensing as drawn_sensing
from superposition.plotting.catalogue import appendix, dynamics
from superposition.plotting.energy_levels import draw as draw_levels
from superposition.plotting.sensing import draw as draw_sensing
from superposition.plotting.transformations import draw as draw_transformations
from superposition.weights import Weights

NAMES = (*dynamics.FIGURES, *appendix.FIGURES)


def uniform(density, m=2, n=6):
    """Return one run of equally important features, more of them when sparse."""
    W = np.zeros((1, m, n), dtype=np.float32)
    W[0, 0, : int(1 / density)] = 1
    b = np.zeros((1, n), dtype=np.float32)
    return Weights(cell("relu", n, m, density, 1.0, 1), (0,), Parameters(W, b), np.ones(1))


@pytest.fixture(scope="module")
def cells():
    return (
        ideal_dynamics.energy_levels()
        | ideal_dynamics.transformations()
        | {f"sensing/relu_p{p:g}": uniform(p) for p in (0.5, 0.2)}
        | {"geometry/relu_p1": uniform(1.0)}
    )


def of(cells, name):
    return {k: w for k, w in cells.items() if k.split("/")[0] in FIGURES[name].experiments}


def texts(figure):
    return " | ".join(
        text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
    )


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_drawn_the_same_twice(name, cells, tmp_path):
    digests = []
    for folder in ("one", "two"):
        files = sorted(draw(name, cells, tmp_path / folder))
        assert [file.suffix for file in files] == [".pdf", ".png", ".svg"]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_catalogued(name):
    assert FIGURES[name].caption.endswith(".")
    assert set(FIGURES[name].claims) <= {"C48", "C49", "C66"}


def test_jumps_are_counted_over_all_runs(cells):
    said = texts(draw_levels(of(cells, "energy_levels")))
    assert "Jumps of all 5 runs" in said
    assert "5 of them end in digons alone" in said
    assert "3 runs:\n2 events" in said
    assert "2 runs:\nno event" in said


def test_the_run_shown_has_the_most_events(cells):
    (two,) = of(cells, "energy_levels").values()
    (one,) = ideal_dynamics.energy_levels(times=(800, 850)).values()
    runs = [*energy_levels.watch(one), *energy_levels.watch(two)]
    assert len(energy_levels.shown(runs).events) == 2


def test_an_event_is_held_against_runs_without_one(cells):
    ((key, cell),) = of(cells, "energy_levels").items()
    said = texts(draw_levels({key: cell}))
    drops = energy_levels.shown(energy_levels.watch(cell)).drops
    assert len(drops) == 2
    assert all(f"× {factor:.1f}" in said for factor in drops)
    assert "dashed: as in runs\nwithout an event then" in said
    jumping = replace(
        cell,
        runs=cell.runs[:3],
        final=cell.final.of(0, 3),
        snapshots={step: p.of(0, 3) for step, p in cell.snapshots.items()},
        snapshot_loss=cell.snapshot_loss[:, :3],
    )
    said = texts(draw_levels({key: jumping}))
    assert "no run to\ncompare" in said
    assert "dashed" not in said


def test_the_dashed_line_falls_as_in_the_other_runs(cells):
    runs = energy_levels.watch(*of(cells, "energy_levels").values())
    run = energy_levels.shown(runs)
    others = [other.loss for other in runs if not other.events]
    for event, factor, usual in zip(run.events, run.drops, run.usual, strict=True):
        first, last = np.searchsorted(run.steps, (event.first, event.last))
        assert usual[first] == pytest.approx(run.loss[first])
        fall = np.median([np.log(loss[first] / loss[last]) for loss in others])
        assert usual[last] == pytest.approx(run.loss[first] * np.exp(-fall))
        assert factor == pytest.approx(np.log(run.loss[first] / run.loss[last]) / fall)


def test_routes_are_counted(cells):
    said = texts(draw_transformations(of(cells, "transformations")))
    assert "From small initial weights, 10 runs" in said
    assert "From usual initial weights, 10 runs" in said
    assert "7  through an antiprism" in said
    assert "3  through single pairs" in said
    assert "0  not there" in said
    assert "10 begin with a solution like PCA's" in said


def test_the_course_shown_goes_as_in_the_paper(cells):
    runs = transformations.courses(cells["transformations/relu_p0.05"])
    run = transformations.shown(runs[::-1])
    assert run.kind == trajectories.THROUGH_ANTIPRISM
    assert run.final_loss == min(r.final_loss for r in runs if r.kind == run.kind)


def test_without_snapshots_a_figure_says_so(cells):
    for name, how in (("energy_levels", draw_levels), ("transformations", draw_transformations)):
        bare = {
            key: replace(w, snapshots={}, snapshot_loss=None) for key, w in of(cells, name).items()
        }
        assert "No snapshots were kept" in texts(how(bare))


def test_a_single_run_is_drawn(cells):
    def first(weights):
        return replace(
            weights,
            runs=(0,),
            final=weights.final.of(0, 1),
            loss=weights.loss[:1],
            snapshots={s: p.of(0, 1) for s, p in weights.snapshots.items()},
            snapshot_loss=weights.snapshot_loss[:, :1],
        )

    alone = {
        key: first(w) for key, w in cells.items() if "sensing" not in key and "geom" not in key
    }
    assert "1 run:" in texts(draw_levels(of(alone, "energy_levels")))
    assert "10,000" in texts(draw_transformations(of(alone, "transformations")))


def test_models_are_drawn_by_features_per_dimension(cells):
    found = drawn_sensing.reached(of(cells, "sensing"))
    assert {group.name for group in found} == {"n = 6, m = 2"}
    (sparse,) = [group for group in found if len(group.x) == 2]
    np.testing.assert_allclose(sparse.x, [2, 5])
    np.testing.assert_allclose(sparse.features, [1, 2.5])
    assert "bound with C = 1" in texts(draw_sensing(of(cells, "sensing")))
