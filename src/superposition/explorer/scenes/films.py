"""Films of training: what networks were at each snapshot."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from superposition.explorer.packing import Packed, count, diverged, packed, ranked
from superposition.figures import energy_levels, transformations
from superposition.measure.geometry import trajectories
from superposition.measure.geometry.trajectories import OCTAHEDRON, Training
from superposition.measure.network import TrainedCell, TrainedCells, Trajectory, select

_RUNS = 8
"""Runs of each film: the figure's, and others from the lowest loss to the highest."""
_WORDS = {
    trajectories.LINEAR: "one direction for each set, as in PCA",
    trajectories.ANTIPRISM: "an antiprism of two right-angled triangles",
    trajectories.BASES: "two right-angled triangles",
    trajectories.PAIRS: "first antipodal pairs",
    OCTAHEDRON: "an octahedron",
    trajectories.BETWEEN: "between stages",
}


def pack(cells: TrainedCells) -> Packed | None:
    """Some runs of each experiment that kept snapshots."""
    films, findings = [], []
    for name, make in (("transformations", _transformations), ("energy_levels", _energy_levels)):
        its = select(cells, name)
        for cell in its:
            # The stages of the first are those of two sets of three features in three dimensions.
            sizes = cell.W.shape[1:], [*map(len, cell.cell.features.correlated)]
            if name == "transformations" and sizes != ((3, 6), [3, 3]):
                continue
            if runs := _watched(cell):
                film, finding = make(cell, runs)
                place = cell.place if len(its) > 1 else ""
                films.append({"name": name, "place": place, **film})
                findings.append(finding)
    if not films:
        return None
    return Packed(" ".join(findings), {"films": films}, diverged(cells))


class _Run(NamedTuple):
    """A run that kept snapshots."""

    number: int
    loss: float
    course: Trajectory


def _watched(cell: TrainedCell) -> list[_Run]:
    """The runs of a cell from the lowest loss to the highest, if they kept snapshots."""
    return [
        _Run(run.run, run.loss, run.trajectory)
        for run in ranked(cell)
        if run.trajectory is not None and len(run.trajectory.steps) > 1
    ]


def _film(runs: Sequence[_Run], first: int, **more: Any) -> dict[str, Any]:
    """A film of the figure's run, at its place in the ranking, and of others."""
    even = np.linspace(0, len(runs) - 1, min(_RUNS - 1, len(runs))).round()
    chosen = list(dict.fromkeys([first, *even.astype(int).tolist()]))
    told = {key: [values[k] for k in chosen] for key, values in more.items()}
    courses = [runs[k].course for k in chosen]
    _, m, n = courses[0].W.shape
    return {
        "n": n,
        "m": m,
        "of": len(runs),
        "steps": courses[0].steps.tolist(),
        "runs": [{"run": runs[k].number, "rank": k + 1} for k in chosen],
        "W": packed([course.W for course in courses]),
        "loss": packed([course.loss for course in courses], "f4"),
        **told,
    }


def _transformations(cell: TrainedCell, runs: list[_Run]) -> tuple[dict[str, Any], str]:
    sets = cell.cell.features.correlated
    stages = [trajectories.stages(run.course.W, sets) for run in runs]
    courses = [
        transformations.Course(run.number, run.loss, run.course, stage)
        for run, stage in zip(runs, stages, strict=True)
    ]
    shown = transformations.shown(courses)
    place = next(k for k, course in enumerate(courses) if course is shown)
    ended = sum(course.stages[-1] == OCTAHEDRON for course in courses)
    losses = shown.trajectory.loss
    route = ", then ".join(_WORDS[name] for name in shown.route) or _WORDS[trajectories.BETWEEN]
    finding = (
        f"Two sets of three features become {route}, while the loss falls from {losses[0]:.2g} to "
        f"{losses[-1]:.2g}; {ended} of {count(len(runs), 'run')} end as an octahedron."
    )
    told = [[_WORDS[name] for name in names] for names in stages]
    return {**_film(runs, place, stages=told), "sets": sets}, finding


def _energy_levels(_: TrainedCell, runs: list[_Run]) -> tuple[dict[str, Any], str]:
    watched: list[Training] = [
        trajectories.watch(run.course.steps, run.course.W, run.course.loss)[0] for run in runs
    ]
    place = energy_levels.shown(watched)
    shown = watched[place]
    some = sum(bool(one.events) for one in watched)
    finding = f"Features jump from one dimensionality to another in {some} of "
    finding += count(len(runs), "run")
    if shown.events:
        jumping = sum(len(event.features) for event in shown.events)
        fastest = max(drop.pace for drop in shown.drops)
        finding += f": in the one shown {count(jumping, 'feature')} in "
        finding += f"{count(len(shown.events), 'event')}, in which the loss falls up to "
        finding += f"{fastest:.1f} times as fast as around them"
    finding += "."
    events = [
        [{"first": one.first, "last": one.last, "features": one.features} for one in its.events]
        for its in watched
    ]
    return _film(runs, place, events=events), finding
