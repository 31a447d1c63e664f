"""Jumps and stages in the course of training, and claims about them; those of the appendix."""

from dataclasses import replace

import ideal_dynamics
import numpy as np
import pytest
from ideal_dynamics import SETS, linear, pairs, turned
from judged import measured, verdict

from superposition.claims.claim import Outcome
from superposition.claims.sections import appendix
from superposition.measure.geometry import trajectories
from superposition.measure.theory import compression

REPLICATED = ideal_dynamics.energy_levels(apart=500) | ideal_dynamics.transformations()


# Jumps


def steps_and_levels(*jumps):
    """Return D of one feature at 0.2 that jumps by some height around some steps."""
    steps = np.array(ideal_dynamics.STEPS)
    d = 0.2 + sum(height * np.clip((steps - at) / 200 + 0.5, 0, 1) for at, height in jumps)
    return steps, np.stack([d, np.full(d.shape, 0.5)], axis=1)


def test_a_jump_is_found_where_it_is_unless_the_window_is_narrow():
    steps, D = steps_and_levels((1000, 0.3))
    (event,) = trajectories.events(steps, D)
    assert event.features == (0,)
    assert 800 <= event.first <= 920
    assert 1060 <= event.last <= 1120
    assert len(trajectories.events(steps, D, 150)) == 1
    assert trajectories.events(steps, D, 60) == ()


@pytest.mark.parametrize(
    ("jumps", "number"),
    [
        (((1000, 0.4), (2500, -0.3)), 2),
        (((1000, 0.09),), 0),
        (((100, 0.3),), 0),
        (tuple((200 * k, 0.02) for k in range(1, 20)), 0),
    ],
    ids=["a rise and a fall", "too small", "in the first steps", "a slow rise"],
)
def test_what_is_a_jump(jumps, number):
    assert len(trajectories.events(*steps_and_levels(*jumps))) == number


def test_jumps_that_overlap_are_one_event():
    steps, D = steps_and_levels((1000, 0.3))
    _, other = steps_and_levels((1100, 0.3))
    (event,) = trajectories.events(steps, np.hstack([D, other]))
    assert event.features == (0, 2)


def test_jumps_without_a_drop_of_the_loss_are_not_the_papers():
    found = verdict(ideal_dynamics.energy_levels(sudden=False), "C48")
    assert found.outcome != Outcome.REPLICATES
    assert measured(found, "two or more events") == (3, 3, 3, 3)
    assert measured(found, "falls twice as fast") == (0, 0, 0, 0)


def test_a_drop_is_held_against_the_steps_before_and_after():
    steps = np.array(ideal_dynamics.STEPS)
    event = trajectories.Event(1000, 1400, (0,))
    even = np.exp(-steps / 1000)
    assert trajectories.drop(steps, even, event) == pytest.approx((1.0, 0.0))
    halved = even * 0.5 ** np.clip((steps - 1000) / 400, 0, 1)
    pace, size = trajectories.drop(steps, halved, event)
    assert (pace, size) == pytest.approx(((0.4 + np.log(2)) / 0.4, 0.5))
    flat = np.where(steps < 1200, 1.0, 0.5)
    assert trajectories.drop(steps, flat, event).pace == pytest.approx(np.log(2) / 1e-3)
    # A loss that falls ever more slowly has no drop anywhere.
    assert trajectories.drop(steps, np.exp(np.exp(-steps / 300)), event).pace < 1
    assert np.isnan(trajectories.drop(steps, np.full(len(steps), np.nan), event)).all()
    # Of several runs at once; an event at an end has steps on one side alone.
    for one in (event, trajectories.Event(0, 400, ()), trajectories.Event(*steps[[-5, -1]], ())):
        found = trajectories.paces(steps, np.log([even, halved, flat]), one)
        one_by_one = [trajectories.drop(steps, loss, one).pace for loss in (even, halved, flat)]
        np.testing.assert_allclose(found, one_by_one, rtol=1e-9)


def test_too_few_snapshots_are_not_evidence():
    cell = REPLICATED["energy_levels/relu_p0.3"]
    every = cell.cell.training.snapshots
    for kept in (every[::10], ()):
        training = cell.cell.training.model_copy(update={"snapshots": kept})
        changed = replace(
            cell,
            cell=cell.cell.model_copy(update={"training": training}),
            snapshots=cell.snapshots[: len(kept)] if kept else None,
            snapshot_loss=cell.snapshot_loss[: len(kept)] if kept else None,
        )
        found = verdict({"energy_levels/relu_p0.3": changed}, "C48")
        assert found.outcome == Outcome.NOT_TESTED
        assert "judging needs 50" in found.reason


# Stages


@pytest.mark.parametrize(
    ("W", "stage"),
    [
        (linear(), trajectories.LINEAR),
        (turned(60), trajectories.OCTAHEDRON),
        (turned(30), trajectories.ANTIPRISM),
        (turned(0), trajectories.ANTIPRISM),
        (pairs(1), trajectories.PAIRS),
        (0.5 * turned(60), trajectories.BETWEEN),
    ],
)
def test_stages_do_not_depend_on_the_hidden_basis(W, stage):
    basis = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    assert trajectories.stage(W, SETS) == trajectories.stage(basis @ W, SETS) == stage


def test_triangles_turned_about_another_axis_are_no_antiprism():
    cos, sin = np.cos(0.6), np.sin(0.6)
    spin = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    tilt = np.array([[1.0, 0, 0], [0, cos, -sin], [0, sin, cos]])
    W = np.hstack([np.eye(3), -spin @ tilt @ np.eye(3)])
    assert trajectories.stage(W, SETS) == trajectories.BASES


def test_plateaus_are_counted_by_level():
    steps = np.unique(np.rint(np.geomspace(1, 10000, 100)).astype(int))
    levels = np.array(ideal_dynamics.LEVELS)
    place = np.minimum((4 * np.log(steps) / np.log(10000)).astype(int), 3)
    assert len(trajectories.plateaus(steps, levels[place])) == 4
    assert len(trajectories.plateaus(steps, np.ones(steps.size))) == 1
    assert trajectories.plateaus(steps, 1 / steps) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"routes": ("antiprism",) * 10}, "routes"),
        ({"levels": (0.01, 0.0099, 0.0098, 0.0097)}, "plateaus"),
        (
            {"stages": {k: (*v[:3], turned(30)) for k, v in ideal_dynamics.STAGES.items()}},
            "octahedron",
        ),
        (
            {"stages": {k: (v[0], v[2], *v[2:]) for k, v in ideal_dynamics.STAGES.items()}},
            "one direction for each set",
        ),
    ],
)
def test_other_trainings_deviate(change, words):
    found = verdict(ideal_dynamics.transformations(**change), "C49")
    assert found.outcome != Outcome.REPLICATES
    assert words in found.reason


# Appendix


def test_without_ramps_what_is_lost_is_the_rounding():
    for Z in (2, 3, 5):
        assert compression.error(Z, 1e-6) == pytest.approx(1 / (12 * Z**2), rel=1e-3)


def test_a_staircase_is_the_floor_away_from_its_ramps():
    u = np.array([0.2, 0.9, 1.1, 1.5, 2.4, 2.96])
    np.testing.assert_allclose(compression.staircase(u, 3, 0.1), np.floor(u))
    assert compression.staircase(np.array([1.0]), 3, 0.1)[0] == pytest.approx(0.5)


def test_too_wide_ramps_lose_more_than_linear_packing():
    assert compression.error(3, 1.0, by_range=True) > compression.LINEAR
    wide = replace(appendix.CLAIMS[0], constructed=lambda: _packing(1.0))
    assert verdict({}, wide).outcome == Outcome.DEVIATES


def _packing(epsilon):
    (network,) = appendix.CLAIMS[0].constructed()
    return (replace(network, W=np.array([[3.0, epsilon]])),)


def test_the_bound_has_the_papers_form():
    density = np.array([0.1, 0.01])
    expected = 1 / (density * np.log(1 / density))
    np.testing.assert_allclose(compression.sensing_bound(density), expected)
    exact = compression.exact_sensing_bound(np.array([0.5, 0.9, 0.01]))
    assert np.isinf(exact[:2]).all()
    assert exact[2] == pytest.approx(2 * np.log(9) / (0.01 * np.log(50)))
