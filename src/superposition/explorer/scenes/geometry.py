"""Hundreds of features: their dimensionality at each level, their graph, and its polytopes."""

from collections import Counter
from typing import Any

from superposition.explorer.packing import Packed, count, diverged, listed, packed, ranked
from superposition.figures.parts.graphs import colour, layout
from superposition.figures.parts.paper import authors_run
from superposition.measure.geometry.dimensions import DENSE, NAMED, members
from superposition.measure.geometry.graphs import components
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import Network, TrainedCells, dense_first


def pack(cells: TrainedCells) -> Packed | None:
    """D_i of all runs, and W and the graph of the one with the lowest loss, at each level."""
    there = [runs for runs in map(ranked, dense_first(cells)) if runs]
    if not there:
        return None
    levels = [_level(runs) for runs in there]
    theirs = authors_run()
    data = {
        "levels": levels,
        "start": _richest(levels),
        "fractions": [
            {"name": name, "value": float(fraction), "words": str(fraction)}
            for name, fraction in NAMED.items()
        ],
        "authors": {
            "places": theirs.places.tolist(),
            "star": theirs.D_star.tolist(),
            "D": packed(theirs.D),
        },
    }
    return Packed(_finding([runs[0] for runs in there]), data, diverged(cells))


def _level(runs: list[Network]) -> dict[str, Any]:
    best = runs[0]
    star = float(dimensions_per_feature(best.W))
    # Dense features have no basis of their own, and their graph says nothing.
    parts = components(best.W) if star < DENSE else ()
    return {
        "place": 1 / best.density,
        "star": star,
        "D": packed([feature_dimensionality(run.W) for run in runs]),
        "W": packed(best.W),
        "components": [
            {
                "name": part.name,
                "colour": colour(part.name),
                "members": part.members,
                "spots": packed(layout(best.W[:, list(part.members)], part)),
            }
            for part in parts
        ],
    }


def _richest(levels: list[dict[str, Any]]) -> int:
    """The level with the most kinds of the polytopes that the paper names, and of many features."""

    def rank(k: int) -> tuple[int, int]:
        names = Counter(part["name"] for part in levels[k]["components"])
        named = [names[name] for name in NAMED if name in names]
        return len(named), min(named, default=0)

    return max(range(len(levels)), key=rank)


def _finding(best: list[Network]) -> str:
    found = [one for one in members(run.W for run in best) if one.D.size]
    if not found:
        return f"At {count(len(best), 'level')} of density no feature is in a polytope."
    found.sort(key=lambda one: -one.D.size)
    parts = [f"{one.mean:.2f} in {one.name}s ({one.fraction})" for one in found]
    total = sum(one.D.size for one in found)
    return (
        f"In {count(len(best), 'network')} {total:,} features are in polytopes that the paper "
        "names; their mean dimensionality, with the polytope's own in brackets, is "
        f"{listed(parts)}."
    ).replace("tetrahedrons", "tetrahedra")
