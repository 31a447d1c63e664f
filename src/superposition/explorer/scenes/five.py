"""Five features in two dimensions: every run at every density."""

from superposition.explorer.packing import (
    Packed,
    count,
    diverged,
    listed,
    packed,
    ranked,
    with_article,
)
from superposition.measure import metrics
from superposition.measure.geometry import planar
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first

_RECIPES = {"intro": "our recipe", "intro_notebook": "the notebook's recipe"}


def _name(cell: TrainedCell, cells: TrainedCells) -> str:
    """The recipe of a cell, and what else but density tells it from others."""

    def told(one: TrainedCell) -> tuple[str, str, str]:
        return one.model, count(one.W.shape[2], "feature"), one.place.partition(", ")[2]

    others = [told(one) for one in cells]
    apart = [
        word for k, word in enumerate(told(cell)) if word and any(o[k] != word for o in others)
    ]
    return ", ".join([_RECIPES[cell.experiment], *apart])


def pack(cells: TrainedCells) -> Packed | None:
    """All runs, ranked by loss, turned so that the most important feature points up."""
    # What is drawn are planes.
    there = [(cell, ranked(cell)) for cell in dense_first(cells) if cell.W.shape[1] == 2]
    there = [(cell, runs) for cell, runs in there if runs]
    if not there:
        return None
    shown = [
        {
            "density": cell.density,
            "name": _name(cell, [one for one, _ in there]),
            "importance": cell.cell.model.importance,
            "runs": [run.run for run in runs],
            "W": packed([planar.canonical(run.W, 0) for run in runs]),
            "b": packed([run.b for run in runs]),
            "loss": packed([run.loss for run in runs], "f4"),
        }
        for cell, runs in there
    ]
    # The page opens with our recipe, if it is there.
    own = [k for k, (cell, _) in enumerate(there) if cell.experiment == "intro"]
    own = own or [0, len(there) - 1]
    finding = _finding([there[k][1][0] for k in dict.fromkeys(own)])
    return Packed(finding, {"cells": shown, "start": own[-1]}, diverged(cells))


def _finding(best: list[Network]) -> str:
    """How many features the network with the lowest loss has at each density, and as what."""
    parts = []
    for run in best:
        number = int(metrics.is_represented(run.W).sum())
        shape = planar.classify(run.W)
        name = "" if shape.startswith(planar.OTHER) else f" ({with_article(shape)})"
        parts.append(f"{number} at 1 − S = {run.density:g}{name}")
    features = count(best[0].b.size, "feature")
    told = f"Of {features} the best network represents {listed(parts)}."
    if planar.classify(best[-1].W) == "pentagon":
        gaps = planar.neighbour_gaps(best[-1].W)
        told += f" In the pentagon, neighbours are {gaps.min():.0f}° to {gaps.max():.0f}° apart."
    return told
