"""What a figure is, as data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        title: What it shows, in a line.
        caption: How to read it, and what to see.
        experiments: Names of the experiments of which it needs all cells.
        module: The module whose `draw(weights)` returns it as a matplotlib figure.
        section: Title of the paper's section.
        claims: Ids of the claims that it bears on.
        shows: Weights, or dictionaries trained on their hidden activations.
    """

    title: str
    caption: str
    experiments: tuple[str, ...]
    module: str
    section: str
    claims: tuple[str, ...] = ()
    shows: Literal["weights", "dictionaries"] = "weights"
