"""Whether weights are those that were planned for their place, and whether training diverged.

Files can be exchanged, copied over each other, or come from another build, and their dates tell
nothing of it. So whoever reads weights of a build compares what their header says they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from superposition.config.settings import Cell
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights, WeightsError, diverged, load

_CURE = (
    "Exchanged, altered, or of another build: delete it and run make, which makes only this file "
    "again. By hand, name the configuration's files (--config)."
)
_ALONE = frozenset({"runs", "evaluation_samples"})
"""What the runs of a job do not depend on: how many others there are, how they are compared."""


def load_planned(
    path: Path | str, cells: Mapping[str, Cell], runs: Sequence[int] | None = None
) -> dict[str, Weights]:
    """The weights of cells, by name, in a file that has to hold these and no others.

    Args:
        path: The file.
        cells: The planned settings of each cell, by name.
        runs: The runs of each in a training job's file; by default all of them, compared.

    Raises:
        WeightsError: If the file holds something else, or is missing or damaged.
    """
    found = load(path)
    if found.keys() != cells.keys():
        raise WeightsError(f"{path}: holds {_few(found)}; expected {_few(cells)}. {_CURE}")
    for name, its in found.items():
        omit = _ALONE if runs is not None else frozenset()
        if other := ", ".join(_differing(its.cell, cells[name], omit)):
            raise WeightsError(
                f"{path}: {name} was trained with other settings than the configuration has: "
                f"{other}. {_CURE}"
            )
        wanted = tuple(range(cells[name].runs) if runs is None else runs)
        if its.runs != wanted:
            raise WeightsError(
                f"{path}: has {_runs(its.runs)} of {name}; expected {_runs(wanted)}. {_CURE}"
            )
        if runs is None and not _is_compared(its):
            raise WeightsError(f"{path}: has no loss of each run of {name}. {_CURE}")
    return {name: found[name] for name in cells}


def divergence(name: str, weights: Weights) -> str:
    """Which runs of a cell have diverged, in words; nothing if none has."""
    those = np.array(weights.runs)[diverged(weights)].tolist()
    if not those:
        return ""
    all_of_them = len(those) == len(weights.runs)
    which = "" if all_of_them else f" in {len(those)} of {len(weights.runs)} runs"
    return f"{name} diverged{which}"


def finite_runs(weights: Weights) -> Weights:
    """The runs that have not diverged."""
    kept = ~diverged(weights)
    parts: dict[str, Any] = {"final": weights.final[kept]}
    if weights.snapshots is not None:
        arrays = weights.snapshots.arrays()
        parts["snapshots"] = Parameters(**{name: a[:, kept] for name, a in arrays.items()})
    if weights.loss is not None:
        parts["loss"] = weights.loss[kept]
    if weights.snapshot_loss is not None:
        parts["snapshot_loss"] = weights.snapshot_loss[:, kept]
    return replace(weights, runs=tuple(np.array(weights.runs)[kept].tolist()), **parts)


def _is_compared(weights: Weights) -> bool:
    """Whether there is a loss of each run, and of each at each snapshot."""
    loss, earlier, runs = weights.loss, weights.snapshot_loss, len(weights.runs)
    if loss is None or loss.shape != (runs,):
        return False
    if weights.snapshots is None:
        return True
    return earlier is not None and earlier.shape == (len(weights.snapshots), runs)


def _differing(found: Cell, planned: Cell, omit: frozenset[str]) -> Iterator[str]:
    """The settings that are not as planned, with their values where these are short."""
    theirs, ours = (_flat(cell.model_dump(exclude={*omit})) for cell in (found, planned))
    for key in dict.fromkeys([*ours, *theirs]):
        if theirs.get(key) != ours.get(key):
            yield f"{key} {_short(theirs.get(key))} instead of {_short(ours.get(key))}"


def _flat(settings: Mapping[str, object], start: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in settings.items():
        flat |= _flat(value, f"{key}.") if isinstance(value, dict) else {start + key: value}
    return flat


_LONGEST, _NAMED = 30, 4


def _short(value: object) -> str:
    """A value; of many equal ones, one."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    text = "none" if value in (None, "", ()) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _few(names: Mapping[str, object]) -> str:
    more = len(names) - _NAMED
    listed = ", ".join([*names][:_NAMED]) or "nothing"
    return f"{listed} and {more} more" if more > 0 else listed


def _runs(runs: Sequence[int]) -> str:
    """Numbers of runs in words: `run 2`, `runs 0–31`."""
    if len(runs) > 1 and tuple(runs) == tuple(range(runs[0], runs[-1] + 1)):
        return f"runs {runs[0]}–{runs[-1]}"
    return f"run{'s' * (len(runs) != 1)} {', '.join(map(str, runs)) or 'none'}"
