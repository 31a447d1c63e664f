"""Training in the browser: the recipe, and what this build's own trainings ended as."""

from collections import Counter

from superposition.explorer.packing import Packed, count, listed, ranked, with_article
from superposition.measure.geometry import planar
from superposition.measure.network import TrainedCells, dense_first

_KEYS = ("learning_rate", "beta1", "beta2", "epsilon")
_TOLD = 3
"""Shapes that are named; the others are counted together."""


def pack(cells: TrainedCells) -> Packed:
    """What the sparsest networks became; without networks, the scene works as well."""
    sparsest = dense_first(cells)[-1:]
    runs = [run for cell in sparsest if cell.W.shape[1] == 2 for run in ranked(cell)]
    if not runs:
        return Packed("What a network becomes depends on its start: train eight, and see.", {})
    found = Counter(planar.classify(run.W) for run in runs)
    names = [(name, number) for name, number in found.most_common() if name != planar.OTHER]
    shapes = [f"{number} as {with_article(name)}" for name, number in names[:_TOLD]]
    rest = len(runs) - sum(number for _, number in names[:_TOLD])
    shapes += [f"{rest} as something else"] * bool(rest)
    of = f"{count(len(runs), 'training')} of this build at 1 − S = {runs[0].density:g}"
    if len(shapes) > 1:
        shapes[0] = shapes[0].replace(" as ", " ended as ", 1)
        finding = f"What a network becomes depends on its start: of {of}, {listed(shapes)}."
    else:
        finding = f"All of {of} ended {shapes[0].partition(' ')[2]}."
    recipe = sparsest[0].cell.training
    return Packed(
        f"{finding} Watch eight more.", {"recipe": {key: getattr(recipe, key) for key in _KEYS}}
    )
