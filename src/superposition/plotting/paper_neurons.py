"""What the paper's captions say of its neurons in a privileged basis, to be shown beside ours."""

import json
from importlib.resources import files
from typing import NamedTuple

from superposition.settings import Cell


class Regime(NamedTuple):
    """What the paper finds in a range of densities."""

    lowest: float
    """Lowest 1 − S."""
    highest: float
    """Highest 1 − S."""
    monosemantic: int
    """Monosemantic neurons."""
    features: int
    """Features in neurons of their own or in shared ones."""


def regimes() -> tuple[Regime, ...]:
    """Return the paper's regimes, from dense to sparse."""
    resource = files("superposition") / "reference" / "paper_neurons_n10.json"
    return tuple(Regime(**r) for r in json.loads(resource.read_text(encoding="utf-8"))["regimes"])


def paper_regime(cell: Cell) -> Regime | None:
    """Return what the paper finds at the density of a cell; None if it says nothing of it."""
    shape = (cell.features.n_features, cell.model.n_hidden, cell.model.model)
    if shape != (10, 5, "relu_hidden"):
        return None
    density = max(cell.features.feature_probability)
    found = [regime for regime in regimes() if regime.lowest <= density <= regime.highest]
    return found[0] if found else None
