"""Features found again by sparse autoencoders, from hidden activations alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from superposition.dictionaries.measures import FOUND, cosines, matches, random_cosines
from superposition.dictionaries.record import Dictionaries
from superposition.plotting import style
from superposition.plotting.columns import Page

_OKABE = [to_hex(colour) for colour in mpl.color_sequences["okabe_ito"]]
_ALONE, _SETS, _CHANCE = _OKABE[5], _OKABE[6], style.FAINT
_NAMES = {"found": "features\nfound", "sums": "sums of\nsets found", "dead": "latents\ndead"}
_LEFT, _RIGHT, _TOP, _SIDE, _GAP = 0.78, 0.08, 0.55, 0.78, 0.14
"""Margins, and the side of a panel and the gap between two, inches."""
_CURVES, _CLOSER = 1.1, 0.3
"""Height of the panels of cosines, which have no heading and come closer, inches."""
_APART, _NEXT, _FOOT = 0.1, 0.95, 0.5
"""Between two panels, between two groups of them, and below the last, inches."""


def draw(dictionaries: Mapping[str, Dictionaries]) -> Figure:
    """Return the figure: a column for each density, above independent features, below sets.

    Args:
        dictionaries: Dictionaries of models of independent features and of features in sets.
    """
    found = sorted(dictionaries.values(), key=_density, reverse=True)
    alone = [one for one in found if not one.cell.features.correlated]
    sets = [one for one in found if one.cell.features.correlated]
    kinds = [(words, colour, group) for words, colour, group in (
        ("independent features", _ALONE, alone), ("features in correlated sets", _SETS, sets),
    ) if group]  # fmt: skip
    columns = max(len(group) for _, _, group in kinds)
    step = (style.WIDTH - _LEFT - _RIGHT + _GAP) / columns
    with style.applied():
        rows = sum(len(_rows(group[0])) for _, _, group in kinds)
        page = Page.of(
            _TOP
            + rows * (_SIDE + _APART)
            + len(kinds) * (_NEXT - _APART)
            + _CURVES
            + _FOOT
            - _CLOSER
        )
        y = _TOP
        for words, colour, group in kinds:
            page.text(0.08, y - 0.33, words.capitalize(), color=colour, **style.BOLD)
            for what in _rows(group[0]):
                for column, one in enumerate(group):
                    axes = page.axes(_LEFT + column * step, y, step - _GAP, _SIDE)
                    _grid(axes, one, what, column == 0, colour)
                y += _SIDE + _APART
            y += _NEXT - _APART
        y -= _CLOSER
        for column in range(columns):
            shown = [(colour, group[column]) for _, colour, group in kinds if column < len(group)]
            axes = page.axes(_LEFT + column * step, y, step - _GAP, _CURVES)
            _cosines(axes, shown, column == 0)
    return page.figure


def _rows(one: Dictionaries) -> tuple[str, ...]:
    """Return what is shown of dictionaries."""
    return ("found", "sums", "dead") if one.cell.features.correlated else ("found", "dead")


def _density(one: Dictionaries) -> float:
    return max(one.cell.features.feature_probability)


def _grid(axes: Axes, one: Dictionaries, what: str, first: bool, colour: Any) -> None:
    """Draw a number of each dictionary: size upwards, penalty to the right."""
    table = matches(one)
    sizes, penalties = one.settings.sizes, one.settings.penalties
    shape = (len(sizes), len(penalties))
    values = np.array([getattr(match, what) for match in table]).reshape(shape)
    represented = table[0].represented
    sets = len(one.cell.features.correlated)
    wholes = np.full(shape, max(represented, 1) if what == "found" else sets)
    if what == "dead":
        wholes[:] = np.array(sizes)[:, None]
    shades = mpl.colors.LinearSegmentedColormap.from_list(
        what, ["white", style.FAINT if what == "dead" else colour]
    )
    axes.imshow(values / wholes, cmap=shades, vmin=0, vmax=1, origin="lower", aspect="auto",
                interpolation="nearest")  # fmt: skip
    axes.set_gid(f"{what}-{_density(one):g}")
    for (row, column), value in np.ndenumerate(values):
        dark = value / wholes[row, column] > 0.6
        axes.text(column, row, f"{value:d}", ha="center", va="center", fontsize=style.SMALL,
                  color="white" if dark else style.INK)  # fmt: skip
    axes.set_yticks(range(shape[0]), [str(size) for size in sizes] if first else [])
    axes.set_xticks(range(shape[1]), [f"{p:g}" for p in penalties] if what == "dead" else [])
    axes.tick_params(length=0)
    if first:
        axes.set_ylabel(_NAMES[what], labelpad=3)
    if what == "found":
        axes.set_title(f"$1-S$ = {_density(one):g}: {represented} there", pad=3)
    if what == "dead":
        axes.set_xlabel("penalty λ", labelpad=1)


def _cosines(axes: Axes, shown: Sequence[tuple[Any, Dictionaries]], first: bool) -> None:
    """Draw how close each feature's closest latent is, in the dictionaries that find most."""
    for colour, one in shown:
        table = matches(one)
        best = max(range(len(table)), key=lambda k: (table[k].found, table[k].cosine))
        values = np.sort(cosines(one, one.trained[best]))[::-1]
        axes.plot(_places(values), values, color=colour, linewidth=1.3)
        chance = np.sort(random_cosines(one, one.trained[best].size))[::-1]
        axes.plot(_places(chance), chance, color=_CHANCE, linewidth=0.8, linestyle=":")
        y = 0.17 if one.cell.features.correlated else 0.29
        axes.text(0.03, y, f"{table[best].size} latents, λ = {table[best].penalty:g}", color=colour,
                  transform=axes.transAxes, fontsize=style.SMALL)  # fmt: skip
    axes.axhline(FOUND, color=style.GRID, linewidth=0.8, zorder=0)
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="features, closest first")
    axes.set_xticks([0, 0.5, 1], ["0", "½", "all"])
    axes.set_yticks([0, 0.5, FOUND, 1], ["0", "½", f"{FOUND:g}", ""] if first else [])
    axes.text(0.03, 0.05, "random directions", color=_CHANCE, transform=axes.transAxes,
              fontsize=style.SMALL)  # fmt: skip
    if first:
        axes.set_ylabel("cosine of the\nclosest latent", labelpad=3)


def _places(values: np.ndarray) -> np.ndarray:
    """Return places from 0 to 1, one for each value."""
    return (np.arange(len(values)) + 0.5) / max(len(values), 1)
