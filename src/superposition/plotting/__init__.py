"""Figures, as data: what each one shows, and which module draws it.

Nothing here imports matplotlib, so that the workflow can ask which weights a figure needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

from superposition.errors import UserError
from superposition.weights import Weights


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        title: What it shows, in a line.
        caption: How to read it.
        experiments: Names of the experiments of which it needs all cells.
        module: The module whose `draw(weights)` returns it as a matplotlib figure.
    """

    title: str
    caption: str
    experiments: tuple[str, ...]
    module: str


FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "intro": Figure(
            title="Five features in two dimensions",
            caption="Columns of W of the ReLU output model as arrows in its two hidden dimensions, "
            "coloured by importance, for features that are more and more often zero. The run with "
            "the lowest loss is shown, turned so that the most important feature points up: hidden "
            "space has no axes of its own. The dashed circle has radius 1; biases are not shown.",
            experiments=("intro",),
            module="superposition.plotting.intro",
        ),
        "demonstration": Figure(
            title="Superposition in a linear and a ReLU output model",
            caption="Each column is the lowest-loss run at one feature density 1 − S. Above, WᵀW "
            "with the bias b beside it; below, the length of every feature's direction, most "
            "important first, coloured by how much the feature shares it with others. Red ticks "
            "are lengths read off the paper's figure, in which they look clipped at 1. Features "
            "with ‖W_i‖ > 0.9 count as represented.",
            experiments=("demonstration",),
            module="superposition.plotting.demonstration",
        ),
    }
)


def draw(name: str, weights: Mapping[str, Weights], folder: Path | str) -> list[Path]:
    """Draw one figure and write it as SVG, PDF and PNG.

    Args:
        name: A key of `FIGURES`.
        weights: Trained cells, keyed `experiment/model_density`; others than needed do no harm.
        folder: Where `{name}.svg` and the others go.

    Raises:
        UserError: If none of the figure's cells is there.
    """
    from superposition.plotting.files import save_figure

    figure = FIGURES[name]
    shown = {key: w for key, w in weights.items() if key.split("/")[0] in figure.experiments}
    if not shown:
        wanted = ", ".join(figure.experiments)
        raise UserError(f"Figure {name} shows experiment {wanted}, of which no weights were given.")
    drawn = import_module(figure.module).draw(shown)
    return save_figure(drawn, Path(folder) / name, figure.title)
