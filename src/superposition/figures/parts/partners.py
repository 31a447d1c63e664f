"""Pairs of correlated or anticorrelated features in the plane: five runs, and all of them.

Above, five runs at one density; below, the angle between the partners of every pair of every run at
every density.
"""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.config.settings import FeatureSettings
from superposition.figures import style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page
from superposition.measure.elementary import degrees
from superposition.measure.geometry import sets
from superposition.measure.geometry.planar import AT_ZERO
from superposition.measure.metrics import norms
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first

RUNS = (
    " Above, five runs at one density, evenly spread over the order of their losses; below, each "
    "dot is a pair in one run, at each density the runs from the lowest loss on the left to the "
    "highest. Numbers count the runs in which all pairs are as in the paper, within 18°; "
    "they are bold if it is one of these that has the lowest loss."
)
"""How to read such a figure: the end of its caption."""

_SHOWN = 5
_PANEL = style.WIDTH / _SHOWN
_HEAD, _UNDER, _BELOW, _FOOT = 0.62, 0.42, 2.0, 0.5
_AS_EXPECTED = 18.0
"""Degrees by which an angle may differ from the one expected, as for antipodal pairs."""
_LOST = -20.0
"""Where pairs are plotted of which a member is at zero."""
_CLOSE = 1.1
"""A loss is low if it is less than this many times the lowest."""
_LOW, _HIGH = style.INK, style.ORANGE


def plot_partners(cells: TrainedCells) -> Page:
    """The figure, of one experiment with pairs of features in two hidden dimensions."""
    cells = dense_first(cells)
    expected = expected_angle(cells[0].cell.features)
    shown = _pictured(cells, expected)
    page = Page(_HEAD + _PANEL + _UNDER + _BELOW + _FOOT)
    _five_runs(page, shown)
    axes = page.panel(0.6, _HEAD + _PANEL + _UNDER, style.WIDTH - 0.6 - 1.35, _BELOW)
    _all_runs(axes, cells, expected)
    return page


def expected_angle(features: FeatureSettings) -> float:
    """The angle between partners in the paper's solution, in degrees."""
    return 180.0 if features.anticorrelated else 360.0 / features.n_features


def partner_angles(network: Network) -> Float[np.ndarray, " pairs"]:
    """The angle of every pair, in degrees; not a number if a member is at zero."""
    pairs = network.features.correlated or network.features.anticorrelated
    length = norms(network.W)
    cosine = np.clip(sets.within(network.W, pairs), -1, 1)
    angles = degrees(np.sqrt(1 - cosine * cosine), cosine)
    return np.where([min(length[list(pair)]) < AT_ZERO for pair in pairs], np.nan, angles)


def is_as_expected(network: Network, expected: float) -> bool:
    """Whether all pairs are at the angle expected."""
    return bool((np.abs(partner_angles(network) - expected) < _AS_EXPECTED).all())


def _five_runs(page: Page, cell: TrainedCell) -> None:
    """Plot runs evenly spread over the order of their losses, the lowest first."""
    runs = [cell[run] for run in _ranked(cell)]
    features = cell.cell.features
    ranks = _spread(len(runs))
    colours = planes.set_colours(features)
    kind = "anticorrelated" if features.anticorrelated else "correlated"
    heading = f"Five of {len(runs)} runs at $1 - S$ = {cell.density:.3g}, by rank of loss; "
    heading += f"features of one colour are {kind}"
    page.write(0.015 * style.WIDTH, 0.2, heading, va="center", **style.BOLD)
    names = {len(runs) - 1: "highest loss", 0: "lowest loss"}
    for place, rank in enumerate(ranks):
        run, lowest = runs[rank], runs[0].loss
        axes = page.panel(place * _PANEL, _HEAD, _PANEL, _PANEL, gid=f"run-{run.run}")
        planes.ground(axes)
        planes.arrows(axes, planes.upright(run.W), colours)
        axes.set_title(names.get(rank, f"rank {rank + 1} of {len(runs)}"), pad=3)
        below = "loss 0" if run.loss < 1e-7 else f"loss {run.loss:.3g}"
        if run.loss >= 1e-7 and 1.005 * lowest <= run.loss < 1000 * lowest:
            below += f" (× {run.loss / lowest:.3g})"
        style.note(axes, 0.5, -0.03, below, ha="center", va="top", color=style.FAINT)


def _all_runs(axes: Axes, cells: TrainedCells, expected: float) -> None:
    axes.axhline(expected, color=style.PAPER_MARK, linewidth=0.9, zorder=1)
    for column, cell in enumerate(cells):
        runs = cell.networks
        angles = np.stack([partner_angles(run) for run in runs])
        low = cell.loss <= max(_CLOSE * cell.best.loss, cell.best.loss + 1e-7)
        rank = np.argsort(np.argsort(cell.loss, kind="stable"))
        aside = np.linspace(-0.34, 0.34, len(runs))[rank] if len(runs) > 1 else np.zeros(1)
        for colour, chosen in ((_HIGH, ~low), (_LOW, low)):
            x = np.repeat(column + aside[chosen], angles.shape[1])
            y = np.where(np.isnan(angles[chosen]), _LOST, angles[chosen]).ravel()
            axes.plot(x, y, "o", markersize=2.4, color=colour, markeredgewidth=0, zorder=2)
        number = sum(is_as_expected(run, expected) for run in runs)
        weight = "bold" if is_as_expected(cell.best, expected) else "normal"
        above: style.Look = {"ha": "center", "va": "bottom", "fontweight": weight}
        axes.text(column, 197, f"{number}", **above, **style.NOTE)
    axes.axhline(-10, color=style.GRID, linewidth=0.6)
    axes.set_xticks(range(len(cells)), [f"{cell.density:.3g}" for cell in cells])
    axes.set_yticks([_LOST, 0, 60, 90, 120, 180], ["at zero", "0°", "60°", "90°", "120°", "180°"])
    axes.set(xlim=(-0.6, len(cells) - 0.4), ylim=(-30, 195))
    of = " of the pairs" if cells[0].cell.features.anticorrelated else ""
    axes.set_xlabel(f"feature density $1 - S${of}")
    axes.set_ylabel("angle between partners")
    # The key, to the right.
    style.note(axes, 1.02, 1.045, f"← of {len(cells[0])} runs", va="center")
    dot: style.Look = {"markersize": 3.6, "markeredgewidth": 0, "clip_on": False}
    for height, colour, words in ((0.72, _LOW, f"loss < {_CLOSE:g} × lowest"),
                             (0.61, _HIGH, "higher loss")):  # fmt: skip
        axes.plot([1.032], [height], "o", color=colour, transform=axes.transAxes, **dot)
        style.note(axes, 1.055, height, words, va="center")
    words, right = f"paper: {expected:.0f}°", axes.get_yaxis_transform()
    style.beside(axes, words, (1, expected), (6, 0), right, va="center", **style.PAPER_NOTE)


def _pictured(cells: TrainedCells, expected: float) -> TrainedCell:
    """The densest cell whose lowest-loss run is the paper's solution, or the densest."""
    return next((cell for cell in cells if is_as_expected(cell.best, expected)), cells[0])


def _ranked(cell: TrainedCell) -> list[int]:
    """The places of its runs, that of the lowest loss first."""
    found: list[int] = np.argsort(cell.loss, kind="stable").tolist()
    return found


def _spread(count: int) -> list[int]:
    """Ranks evenly spread over those of so many runs."""
    found: list[int] = np.unique(np.linspace(0, count - 1, _SHOWN).round().astype(int)).tolist()
    return found


PARTNER_COLUMNS = numbers.columns(
    panel=("name", "arrow: a feature of a run that is pictured; pair: one of any run"),
    **numbers.RUN,
    **numbers.common("feature", "x", "y"),
    pair=("number", "number of the pair, from 0"),
    angle=("degrees", "angle between its two features; empty if one of them is at zero"),
    is_as_expected=(
        "True or False",
        "whether all pairs of the run are as in the paper, within 18°",
    ),
)


def partner_rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of the runs pictured, and each pair of each run at each density."""
    cells = dense_first(cells)
    expected = expected_angle(cells[0].cell.features)
    cell = _pictured(cells, expected)
    for place in (_ranked(cell)[rank] for rank in _spread(len(cell))):
        x, y = planes.upright(cell[place].W)
        run = {"panel": "arrow", **numbers.of_run(cell, place)}
        yield from numbers.along("feature", run, x=x, y=y)
    for cell in cells:
        for place, network in enumerate(cell.networks):
            run = {"panel": "pair", **numbers.of_run(cell, place)}
            run["is_as_expected"] = is_as_expected(network, expected)
            yield from numbers.along("pair", run, angle=partner_angles(network))
