"""Pairs of correlated or anticorrelated features in the plane: five runs, and all of them.

Above, five runs at one density; below, at every density the angle between the partners of every
pair of every run, and every run's loss.
"""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.config.settings import FeatureSettings
from superposition.figures import style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.elementary import degrees
from superposition.measure.geometry import sets
from superposition.measure.geometry.planar import AT_ZERO
from superposition.measure.metrics import norms
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first

_AS_EXPECTED = 18.0
"""Degrees by which an angle may differ from the one expected, as for antipodal pairs."""
RUNS = (
    " Above, five runs, evenly spread in rank of loss, at the highest density at which the run "
    "with the lowest loss is the paper's solution (if there is none, at the highest of all). "
    "Middle, each dot is a pair in one run; at each density, runs go from the lowest loss on the "
    "left to the highest. Below, each dot is a run at its loss, in the same order. Black, the "
    f"runs in which all pairs are at the angle of that solution (red), within {_AS_EXPECTED:g}°; "
    "numbers count them, in bold if the run with the lowest loss is one of them."
)
"""How to read such a figure: the end of its caption."""

_SHOWN = 5
_PANEL = style.WIDTH / _SHOWN
_HEAD, _UNDER, _ANGLES, _NEXT, _LOSSES, _FOOT = 0.62, 0.42, 1.35, 0.12, 1.1, 0.45
_LEFT, _RIGHT = 0.6, 1.35
"""Inches; right of the lower panels is their key."""
_LOST = -20.0
"""Where pairs are plotted of which a member is at zero."""
_NO_LOSS = 1e-7
"""Lower losses count as none, and are plotted as this."""
_OUTCOMES = (
    (style.INK, "the paper's angle"),
    (style.ORANGE, "another angle"),
    (style.SKY, "a feature at zero"),
)
"""Colours and names of what runs end in."""


def plot_partners(cells: TrainedCells) -> Page:
    """The figure, of one experiment with pairs of features in two hidden dimensions."""
    cells = dense_first(cells)
    expected = expected_angle(cells[0].cell.features)
    shown = _pictured(cells, expected)
    down, wide = _HEAD + _PANEL + _UNDER, style.WIDTH - _LEFT - _RIGHT
    page = Page(down + _ANGLES + _NEXT + _LOSSES + _FOOT)
    _five_runs(page, shown)
    angles = page.panel(_LEFT, down, wide, _ANGLES)
    losses = page.panel(_LEFT, down + _ANGLES + _NEXT, wide, _LOSSES)
    _all_runs(angles, losses, cells, expected)
    for axes in (angles, losses):
        axes.set_xticks(range(len(cells)), [f"{cell.density:.3g}" for cell in cells])
        axes.set_xlim(-0.6, len(cells) - 0.4)
    angles.tick_params(labelbottom=False)
    page.align_ylabels([angles, losses])
    of = " of the pairs" if cells[0].cell.features.anticorrelated else ""
    losses.set_xlabel(f"feature density $1 - S${of}")
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
    heading = (
        f"Five of {len(runs)} runs at {style.BOLD_DENSITY} = {cell.density:.3g}, by rank of loss; "
    )
    heading += f"features of one colour are {kind}"
    page.write(0.015 * style.WIDTH, 0.2, heading, va="center", **style.BOLD)
    names = {len(runs) - 1: "highest loss", 0: "lowest loss"}
    for place, rank in enumerate(ranks):
        run, lowest = runs[rank], runs[0].loss
        axes = page.panel(place * _PANEL, _HEAD, _PANEL, _PANEL, gid=f"run-{run.run}")
        planes.ground(axes)
        planes.arrows(axes, planes.upright(run.W), colours)
        axes.set_title(names.get(rank, f"rank {rank + 1} of {len(runs)}"), pad=3)
        below = "loss 0" if run.loss < _NO_LOSS else f"loss {run.loss:.3g}"
        if run.loss >= _NO_LOSS and 1.005 * lowest <= run.loss < 1000 * lowest:
            below += f" (× {run.loss / lowest:.3g})"
        style.note(axes, 0.5, -0.03, below, ha="center", va="top", color=style.FAINT)


def _all_runs(angles: Axes, losses: Axes, cells: TrainedCells, expected: float) -> None:
    """Plot the pairs and the loss of every run, in the colour of what it has ended in."""
    angles.axhline(expected, color=style.PAPER_MARK, linewidth=0.9, zorder=1)
    seen = set()
    dot: style.Look = {"linestyle": "none", "marker": "o", "markersize": 2.4, "zorder": 2}
    dot |= {"markeredgewidth": 0, "clip_on": False}
    for column, cell in enumerate(cells):
        runs = cell.networks
        found = np.stack([partner_angles(run) for run in runs])
        ends = np.array([_outcome(run, expected) for run in runs])
        rank = np.argsort(np.argsort(cell.loss, kind="stable"))
        aside = np.linspace(-0.34, 0.34, len(runs))[rank] if len(runs) > 1 else np.zeros(1)
        for end, (colour, _) in enumerate(_OUTCOMES):
            chosen = ends == end
            x = column + aside[chosen]
            y = np.where(np.isnan(found[chosen]), _LOST, found[chosen]).ravel()
            angles.plot(np.repeat(x, found.shape[1]), y, color=colour, **dot)
            losses.plot(x, np.maximum(cell.loss[chosen], _NO_LOSS), color=colour, **dot)
        seen |= set(ends.tolist())
        weight = "bold" if is_as_expected(cell.best, expected) else "normal"
        above: style.Look = {"ha": "center", "va": "bottom", "fontweight": weight}
        angles.text(column, 197, f"{(ends == 0).sum()}", **above, **style.NOTE)
    angles.axhline(-10, color=style.GRID, linewidth=0.6)
    angles.set_yticks([_LOST, 0, 60, 90, 120, 180], ["at zero", "0°", "60°", "90°", "120°", "180°"])
    angles.set(ylim=(-30, 195), ylabel="angle of partners")
    _loss_axis(losses, np.concatenate([cell.loss for cell in cells]))
    # The key, to the right.
    style.note(angles, 1.02, 1.045, f"← of {len(cells[0])} runs", va="center")
    for row, end in enumerate(sorted(seen)):
        (colour, words), height = _OUTCOMES[end], 0.85 - 0.17 * row
        losses.plot([1.032], [height], **dot | {"markersize": 3.6, "color": colour},
                    transform=losses.transAxes)  # fmt: skip
        style.note(losses, 1.055, height, words, va="center")
    words, right = f"paper: {expected:.0f}°", angles.get_yaxis_transform()
    style.beside(angles, words, (1, expected), (6, 0), right, va="center", **style.PAPER_NOTE)


def _loss_axis(axes: Axes, losses: np.ndarray) -> None:
    """Make the vertical axis that of the losses: logarithmic, at whole powers of ten."""
    low, high = (max(float(end), _NO_LOSS) for end in (losses.min(), losses.max()))
    ticks = {float(f"1e{power}"): f"$10^{{{power}}}$" for power in range(-7, 3)}
    ticks[_NO_LOSS] = f"≤ {ticks[_NO_LOSS]}"
    log_axis(axes, list(ticks), "y")
    axes.set_yticks(list(ticks), ticks.values())
    axes.set(ylim=(low / 2, high * 2), ylabel="loss")


def _pictured(cells: TrainedCells, expected: float) -> TrainedCell:
    """The densest cell whose lowest-loss run is the paper's solution, or the densest."""
    return next((cell for cell in cells if is_as_expected(cell.best, expected)), cells[0])


def _outcome(network: Network, expected: float) -> int:
    """What a run ended in, by its place among all outcomes."""
    if is_as_expected(network, expected):
        return 0
    return 2 if np.isnan(partner_angles(network)).any() else 1


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
    outcome=(
        "name",
        "what the run ended in: all pairs at the angle of the paper's solution, within "
        f"{_AS_EXPECTED:g}°; a feature at zero; or a pair at another angle",
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
            _, run["outcome"] = _OUTCOMES[_outcome(network, expected)]
            yield from numbers.along("pair", run, angle=partner_angles(network))
