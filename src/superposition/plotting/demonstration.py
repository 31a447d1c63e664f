"""The paper's demonstration of superposition: WᵀW and the features' lengths, density by density.

Each model of the experiment is a block of columns, one for each density; each column holds the
lowest-loss run of its cell.
"""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from superposition.plotting import style
from superposition.plotting.columns import KEY, Block, Page, colour_key, density, paper_key
from superposition.plotting.paper import paper_norms
from superposition.weights import Weights

_MANY = 40
"""With more features than this, heatmaps must be larger than seven in a row can be."""
_LARGE = 4
"""Columns in a row of large heatmaps."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one experiment, of one model or several.
    """
    models: dict[str, list[Weights]] = {}
    for cell in weights.values():
        models.setdefault(cell.cell.model.model, []).append(cell)
    most = max(len(cells) for cells in models.values())
    blocks = [_block(sorted(cells, key=lambda w: -density(w)), most) for cells in models.values()]
    with style.applied():
        page = Page.of(sum(block.height for block in blocks) + KEY)
        top = 0.0
        for block in blocks:
            block.draw(page, top)
            top += block.height
        colour_key(page, top)
        if any(paper_norms(w.cell) is not None for w in weights.values()):
            paper_key(page, top)
    return page.figure


def _block(cells: Sequence[Weights], most: int) -> Block:
    """Return the block of one model: in a row like the others', or larger, in several.

    The linear model stays small: it looks the same at every density.
    """
    _, _, n_features = cells[0].W.shape
    large = n_features > _MANY and cells[0].cell.model.model != "linear"
    return Block(cells, _LARGE if large and most > _LARGE else most)
