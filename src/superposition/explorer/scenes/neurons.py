"""Stack plots of neurons over density: of a privileged basis, and of those that compute |x|."""

from typing import Any

import numpy as np

from superposition.explorer.packing import Packed, diverged, packed, ranked
from superposition.measure import neurons
from superposition.measure.metrics import interference
from superposition.measure.network import Network, TrainedCells, dense_first, select

_MODELS = (
    ("neurons", "give back {} features", ("neurons", "neurons_between"), False),
    ("absolute", "compute {} absolute values", ("absolute",), True),
)


def pack(cells: TrainedCells) -> Packed | None:
    """The run with the lowest loss at each density, and how many neurons are monosemantic."""
    models, findings = [], []
    for name, words, experiments, signed in _MODELS:
        its = [cell for experiment in experiments for cell in select(cells, experiment)]
        there = [runs for runs in map(ranked, dense_first(its)) if runs]
        if not there:
            continue
        shown = [_shown(runs, signed) for runs in there]
        m, n = there[0][0].W.shape
        models.append({"name": name, "signed": signed, "m": m, "n": n, "cells": shown})
        first, last = shown[0], shown[-1]
        findings.append(
            f"Of {m} neurons that {words.format(n)}, {sum(first['mono'])} respond to a single one "
            f"at 1 − S = {first['density']:g} and {sum(last['mono'])} at {last['density']:g}."
        )
    if not models:
        return None
    finding = " ".join(findings)
    return Packed(finding, {"models": models}, diverged(cells))


def _shown(runs: list[Network], signed: bool) -> dict[str, Any]:
    best, both = runs[0], neurons.layers_of(runs[0])
    order = neurons.order(both, signed)
    poly = neurons.is_polysemantic(both, signed)
    every = (neurons.is_monosemantic(neurons.layers_of(run), signed).sum() for run in runs)
    return {
        "density": best.density,
        "loss": best.loss,
        "W": packed(both.W[order]),
        "out": packed(both.W_out[:, order]),
        "mono": neurons.is_monosemantic(both, signed)[order].tolist(),
        "poly": poly[order].tolist(),
        "represented": neurons.is_represented(both, signed).tolist(),
        "sharing": neurons.carried(both, signed)[poly].any(axis=0).tolist(),
        "interference": packed(np.clip(interference(both.W), 0, 1)),
        "monosemantic": [int(number) for number in every],
    }
