"""Drawing figures; `catalogue` says what each one shows and which module draws it.

Nothing here imports matplotlib, so that the workflow can ask which weights a figure needs.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from superposition.errors import UserError
from superposition.plotting.catalogue import FIGURES
from superposition.plotting.catalogue.record import Figure

__all__ = ["FIGURES", "Figure", "draw", "figure_of"]


def draw(name: str, weights: Mapping[str, Any], folder: Path | str) -> list[Path]:
    """Draw one figure and write it as SVG, PDF and PNG.

    Args:
        name: A key of `FIGURES`.
        weights: Trained cells, or their dictionaries where the figure shows those, keyed
            `experiment/model_density`; others than needed do no harm, and a figure of mathematics
            needs none.
        folder: Where `{name}.svg` and the others go.

    Raises:
        UserError: If the figure shows cells and none of them is there.
    """
    from superposition.plotting.files import save_figure

    return save_figure(figure_of(name, weights), Path(folder) / name, FIGURES[name].title)


def figure_of(name: str, weights: Mapping[str, Any]) -> Any:
    """Return one figure, not saved; arguments and errors are those of `draw`."""
    figure = FIGURES[name]
    shown = {key: w for key, w in weights.items() if key.split("/")[0] in figure.experiments}
    if figure.experiments and not shown:
        wanted = ", ".join(figure.experiments)
        raise UserError(f"Figure {name} shows experiment {wanted}, of which no weights were given.")
    return import_module(figure.module).draw(shown)
