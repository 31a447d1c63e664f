"""What adversarial training does to superposition."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.dimensions import features_per_dimension
from superposition.metrics import LEARNED, ORTHOGONAL, interference, norms
from superposition.plotting import style
from superposition.robustness import attack, without_superposition
from superposition.weights import Weights

_HEIGHT = 2.7
_COLOURS = [mpl.color_sequences["okabe_ito"][k] for k in (5, 6, 3, 1)]
_PAPER = 0.8
"""Attacks that the paper needs to remove superposition, in mean input lengths."""


class _Point(NamedTuple):
    """All runs at one density, trained under one size of attack."""

    size: float
    """Length of attacks in training, in mean input lengths."""
    crowding: Float[np.ndarray, " runs"]
    """Features per dimension."""
    shared: Float[np.ndarray, " runs"]
    """Learned features that share their direction with others, per dimension."""
    vulnerability: Float[np.ndarray, " runs"]
    """To the paper's attack of a tenth of the mean input."""
    loss: Float[np.ndarray, " runs"]
    """Without an attack."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of experiments that differ in the attacks they were trained under.
    """
    curves: dict[float, list[_Point]] = {}
    for cell in sorted(weights.values(), key=_attack):
        curves.setdefault(max(cell.cell.features.feature_probability), []).append(_point(cell))
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        width, height = 0.255, 0.72
        panels = [figure.add_axes((left, 0.165, width, height)) for left in (0.07, 0.40, 0.735)]
        for axes, name, title, label in zip(
            panels,
            ("crowding", "vulnerability", "loss"),
            ("Superposition", "Vulnerability", "Price"),
            (
                "features per dimension",
                r"$(L^{\prime} - L)\, /\, (L^{\prime}_0 - L_0)$",
                "clean loss / that without attacks",
            ),
            strict=True,
        ):
            _curves(axes, curves, name)
            axes.axhline(1, color=style.FAINT, linewidth=0.6, zorder=0)
            axes.axvline(_PAPER, color=style.PAPER_MARK, linewidth=0.9, linestyle="--", zorder=0)
            axes.text(0, 1.05, title, transform=axes.transAxes, fontsize=style.HEADING,
                      fontweight="bold")  # fmt: skip
            axes.set(xlabel="attack in training / mean input", ylabel=label)
            axes.set_ylim(0)
        _curves(panels[0], curves, "shared", linestyle=":", marker="s")
        _say(panels)
    return figure


def _attack(cell: Weights) -> float:
    return float(cell.cell.training.attack)


def _point(cell: Weights) -> _Point:
    features, importance = cell.cell.features, np.array(cell.cell.model.importance)
    plain = attack(*without_superposition(cell.cell.model.n_hidden, features), features, importance)
    found = [attack(W, b, features, importance) for W, b in zip(cell.W, cell.b, strict=True)]
    learned = norms(cell.W) > LEARNED
    return _Point(
        _attack(cell),
        features_per_dimension(cell.W),
        (learned & (interference(cell.W) >= ORTHOGONAL)).sum(axis=-1) / cell.W.shape[1],
        np.array([one.harm for one in found]) / plain.harm,
        np.array([one.clean for one in found]),
    )


def _curves(
    axes: Axes,
    curves: Mapping[float, Sequence[_Point]],
    name: str,
    linestyle: str = "-",
    marker: str = "o",
) -> None:
    """Draw one quantity over the size of attacks, a line for each density."""
    for colour, (density, points) in zip(
        _COLOURS, sorted(curves.items(), reverse=True), strict=False
    ):
        sizes = [point.size for point in points]
        runs = [getattr(point, name) for point in points]
        if name == "loss":
            runs = [values / np.median(runs[0]) for values in runs]
        how: dict[str, Any] = {"color": colour}
        label = f"$1-S$ = {density:g}" if linestyle == "-" else None
        axes.plot(sizes, [float(np.median(values)) for values in runs], linestyle,
                  linewidth=1.3, label=label, **how)  # fmt: skip
        for size, values in zip(sizes, runs, strict=True):
            axes.plot([size] * len(values), values, marker, markersize=2.4, markeredgewidth=0,
                      **how)  # fmt: skip


def _say(panels: Sequence[Axes]) -> None:
    """Say which line is which."""
    panels[0].plot([], [], "-", color=style.INK, linewidth=1.3, label=r"$\Vert W \Vert_F^2 / m$")
    panels[0].plot([], [], ":", color=style.INK, linewidth=1.3, label="sharing directions")
    handles, labels = panels[0].get_legend_handles_labels()
    how: dict[str, Any] = {"frameon": False, "fontsize": style.SMALL, "handlelength": 1.6}
    panels[0].legend(handles[-2:], labels[-2:], loc="upper right", **how)
    panels[2].legend(loc="lower right", **how)
    panels[1].text(_PAPER, 0.98, "paper: superposition\ngone at 0.8 ", va="top", ha="right",
                   transform=panels[1].get_xaxis_transform(), fontsize=style.SMALL,
                   color=style.PAPER_MARK)  # fmt: skip
