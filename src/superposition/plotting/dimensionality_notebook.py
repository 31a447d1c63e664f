"""The published notebook's run of uniform superposition: the authors' own beside ours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.dimensions import NAMED
from superposition.plotting import style
from superposition.plotting.authors import AuthorsRun, authors_run
from superposition.plotting.levels import COLOURS, Level, dots, inverse_axis, levels
from superposition.weights import Weights

_HEIGHT = 4.1
_SPREAD, _APART = 0.022, 0.032
"""Half the width of a cloud of dots, and its distance from its level, on the logarithmic axis."""
_OURS: dict[str, Any] = {"color": style.INK}
_THEIRS: dict[str, Any] = {"color": style.PAPER_MARK}


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: D_i and D* of both runs, and D* as numbers below.

    Args:
        weights: Cells of the notebook's experiment.
    """
    curve, run = levels(weights.values()), authors_run()
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        axes = figure.add_axes((0.085, 0.235, 0.755, 0.74))
        axes.set_gid("dimensionality-notebook")
        inverse_axis(axes, [*run.places, *(level.place for level in curve)])
        axes.set(ylim=(-0.03, 1.06), ylabel="$D_i$ of each feature (dots) and $D^*$ (lines)")
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
        for name, fraction in NAMED.items():
            _guide(axes, name, float(fraction), str(fraction))
        _cloud(axes, [level.place for level in curve], [level.D for level in curve], -1, _OURS)
        _cloud(axes, run.places.tolist(), list(run.D), 1, _THEIRS)
        axes.plot(
            [level.place for level in curve], [level.D_star for level in curve],
            linewidth=1.3, zorder=4, **_OURS,
        )  # fmt: skip
        axes.plot(run.places, run.D_star, "--", linewidth=1.1, zorder=5, **_THEIRS)
        _names(axes)
        _numbers(axes, curve, run)
    return figure


def _guide(axes: Axes, name: str, at: float, fraction: str) -> None:
    """Draw a thin line at a named fraction."""
    axes.axhline(at, color=COLOURS[name], linewidth=0.7, linestyle=":", zorder=0)
    offset = {"pentagon": 4, "square antiprism": -4}.get(name, 0)
    axes.annotate(f"{fraction} {name}", (1, at), (4, offset), xycoords=axes.get_yaxis_transform(),
                  textcoords="offset points", va="center", fontsize=style.SMALL,
                  color=COLOURS[name])  # fmt: skip


def _cloud(
    axes: Axes, places: Sequence[float], D: Sequence[np.ndarray], side: int, how: dict[str, Any]
) -> None:
    """Draw the features of one run, on one side of each level."""
    for place, values in zip(places, D, strict=True):
        dots(axes, float(place), values, _SPREAD, side * _APART, markersize=1.9, alpha=0.55, **how)


def _names(axes: Axes) -> None:
    """Say which run is which."""
    for y, words, how in (
        (0.97, "ours: left of each level, full line", _OURS),
        (0.90, "the authors': right of each level, dashed line", _THEIRS),
    ):
        axes.text(0.99, y, words, transform=axes.transAxes, ha="right", va="top", **how)


def _numbers(axes: Axes, curve: Sequence[Level], run: AuthorsRun) -> None:
    """Write D* of both runs below the levels."""
    rows: tuple[tuple[str, float, dict[str, Any]], ...] = (
        ("$D^*$ ours", -0.185, _OURS),
        ("theirs", -0.235, _THEIRS),
    )
    for words, y, how in rows:
        axes.annotate(words, (0, y), (-8, 0), xycoords="axes fraction", fontsize=style.SMALL,
                      textcoords="offset points", ha="right", va="center", **how)  # fmt: skip
    for (_, y, how), pairs in zip(
        rows,
        (
            [(level.place, level.D_star) for level in curve],
            zip(run.places, run.D_star, strict=True),
        ),
        strict=True,
    ):
        for place, star in pairs:
            axes.annotate(
                f"{star:.2f}".removeprefix("0"), (place, y), ha="center", va="center",
                xycoords=axes.get_xaxis_transform(), fontsize=style.SMALL - 0.5, **how,
            )  # fmt: skip
