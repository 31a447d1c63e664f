"""Which features three kinds of autoencoders find, and what becomes of those that they do not."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.dictionaries import measures
from superposition.measure.dictionaries.record import Kind
from superposition.measure.metrics import REPRESENTED
from superposition.measure.network import TrainedCell, TrainedCells, dense_first

SPEC = Spec(
    title="What three kinds of autoencoders find, by the number of active latents",
    caption="ReLU, TopK and JumpReLU autoencoders of the same hidden activations, against the "
    "number of latents that are active in a sample, which each kind sets in its own way. Each "
    "line is the median over runs for one number of latents; for the largest, dots are runs. "
    "Above, the features found: independent ones, and ones in pairs or sets of five that are "
    "active together (dashed: features that exist; vertical line: active features in a sample). "
    "Below, what the largest autoencoders leave unexplained of independent features, and what "
    "becomes of features in them where as many latents are active as features (interpolated, mean "
    "over runs): found by one latent, split over several that point along it, absorbed into a "
    "latent along the sum of its set, or lost. Beside it, the part of latents that are dead.",
    section="Follow-up: Autoencoders",
    experiments=("autoencoders", "autoencoders_pairs", "autoencoders_sets"),
    claims=("F21", "F22", "F23", "F24", "F25"),
    shows="dictionaries",
)
_GROUPS = {
    "autoencoders": ("independent", "Independent features"),
    "autoencoders_pairs": ("in pairs", "Features in correlated pairs"),
    "autoencoders_sets": ("in fives", "Features in correlated sets of five"),
}
"""Experiments in the order of their rows: in a word, and in several."""
_KINDS: dict[Kind, tuple[str, str]] = {
    "relu": ("ReLU", style.BLUE),
    "topk": ("TopK", style.VERMILION),
    "jumprelu": ("JumpReLU", style.GREEN),
}
_FATES = {
    "once": ("found by one latent", style.SKY),
    "split": ("split over several", style.PURPLE),
    "absorbed": ("absorbed into its set's", style.ORANGE),
    "lost": ("lost", style.IGNORED),
}
_ROOM = 1.2
"""From the outermost marks to the ends of a logarithmic axis."""
_DASHES = ((0, (1, 1.2)), (0, (4, 1.5)), "-")
"""Lines of rising numbers of latents."""
_LEFT, _RIGHT, _TOP, _SIDE, _GAP = 0.88, 0.12, 0.72, 0.85, 0.4
"""Margins, the height of a panel, and the gap between two beside each other, inches."""
_NEXT, _BAR, _BETWEEN, _DEAD, _APART = 0.55, 0.13, 0.1, 0.7, 0.22
"""Between two rows; the height of a bar, the gap between groups of them; the width of the bars of
dead latents, and how far they are from the others, inches."""


class _Shown(NamedTuple):
    """A cell, and what its dictionaries have found."""

    cell: TrainedCell
    tables: list[list[measures.Match]]
    """Of each run."""
    sizes: list[int]
    """The numbers of latents that there are, rising."""


class _Curve(NamedTuple):
    """Dictionaries of a kind and size over all runs of a cell."""

    kind: Kind
    size: int
    table: list[list[measures.Match]]
    """By level, then by run; the lowest level first."""

    def __call__(self, name: str) -> np.ndarray:
        """A number of each, `[levels, runs]`, those with fewest active latents first."""
        values = [[getattr(match, name) for match in of_level] for of_level in self.table]
        found = np.array(values, dtype=np.float64)
        return found if self.kind == "topk" else found[::-1]


def plot(cells: TrainedCells) -> Page:
    """The figure: a column for each density, a row for each way in which features come."""
    by_group = _grouped(cells)
    sizes = sorted({size for its in by_group.values() for one in its for size in one.sizes})
    columns = max(map(len, by_group.values()))
    step = (style.WIDTH - _LEFT - _RIGHT + _GAP) / columns
    rows = [(name, "found") for name in by_group]
    rows += [(name, "unexplained") for name in list(by_group)[:1]]
    bars = len(by_group) * (len(_KINDS) * _BAR + _BETWEEN)
    page = Page(_TOP + len(rows) * (_SIDE + _NEXT) + bars + 0.9)
    _key(page, sizes)
    ends = _ends([one for its in by_group.values() for one in its])
    y = _TOP
    for name, what in rows:
        page.write(0.08, y - 0.22, _heading(name, what), va="bottom", **style.BOLD)
        for column, shown in enumerate(by_group[name]):
            gid = f"{what}-{name}-{shown.cell.density:g}"
            axes = page.panel(_LEFT + column * step, y, step - _GAP, _SIDE, gid=gid)
            _against_sparsity(axes, shown, what, column == 0)
            axes.set_xlim(*ends)
        y += _SIDE + _NEXT
    y += 0.35
    page.write(0.08, y - 0.32, "As many latents active as features", va="bottom", **style.BOLD)
    _key_of_fates(page, y - 0.24)
    for column in range(columns):
        x, width = _LEFT + column * step, step - _GAP - _DEAD - _APART
        fates = page.panel(x, y, width, bars, gid=f"fates-{column}")
        dead = page.panel(x + width + _APART, y, _DEAD, bars)
        of_column = [group[column] for group in by_group.values() if column < len(group)]
        _bars(fates, dead, of_column, column == 0)
    return page


def _grouped(cells: TrainedCells) -> dict[str, list[_Shown]]:
    """The cells of each experiment, dense first, in the order of their rows."""
    found = {name: [cell for cell in cells if cell.experiment == name] for name in _GROUPS}
    return {name: [_shown(cell) for cell in dense_first(its)] for name, its in found.items() if its}


def _heading(name: str, what: str) -> str:
    return _GROUPS[name][1] if what == "found" else f"{_GROUPS[name][1]}: unexplained"


def _shown(cell: TrainedCell) -> _Shown:
    found = (network.dictionaries for network in cell.networks)
    tables = [measures.matches(one) for one in found if one is not None]
    return _Shown(cell, tables, sorted({match.size for match in tables[0]}))


def _curves(shown: _Shown) -> Iterator[_Curve]:
    """What dictionaries of each kind and size have found, by level and run."""
    for kind in _KINDS:
        for size in shown.sizes:
            of_runs = [
                sorted(
                    (match for match in table if (match.kind, match.size) == (kind, size)),
                    key=lambda match: match.level,
                )
                for table in shown.tables
            ]
            if of_levels := [list(of_level) for of_level in zip(*of_runs, strict=True)]:
                yield _Curve(kind, size, of_levels)


def _ends(every: Sequence[_Shown]) -> tuple[float, float]:
    """The ends of all axes of active latents: all dictionaries are between them."""
    active = [match.active for one in every for table in one.tables for match in table]
    there = [one for one in active if one > 0] or [1.0]
    return min(there) / _ROOM, max(there) * _ROOM


def _against_sparsity(axes: Axes, shown: _Shown, what: str, first: bool) -> None:
    """Plot a number of dictionaries over how many latents are active in a sample."""
    cell, sizes = shown.cell, shown.sizes
    dots: style.Look = {"markersize": 2.0, "markeredgewidth": 0, "clip_on": False, "zorder": 3}
    for curve in _curves(shown):
        largest, colour = curve.size == sizes[-1], _KINDS[curve.kind][1]
        active, values = curve("active"), curve(what)
        if largest:
            axes.plot(active, values, "o", color=colour, **dots)
        if largest or what == "found":
            dashes = _dashes(sizes)[curve.size]
            line: style.Look = {"linestyle": dashes, "linewidth": 1.2 if largest else 0.9}
            axes.plot(np.median(active, axis=1), np.median(values, axis=1), color=colour, **line)
    axes.axvline(measures.active_features(cell.cell.features), **style.GUIDE)
    log_axis(axes, (0.1, 0.3, 1, 3, 10, 30, 100))
    if what == "found":
        there = int(np.median([table[0].represented for table in shown.tables]))
        axes.axhline(there, **style.GUIDE | {"linestyle": "--"})
        axes.set_ylim(0, 1.08 * max(there, 1))
        axes.set_title(f"$1-S$ = {cell.density:g}: {there} there", pad=3, loc="right")
    else:
        axes.set_ylim(0, None)
        axes.set_xlabel("latents active in a sample", labelpad=1)
    if first:
        axes.set_ylabel("features\nfound" if what == "found" else "Σ‖h − ĥ‖² /\nΣ‖h‖²", labelpad=3)


def _dashes(sizes: Sequence[int]) -> dict[int, object]:
    """The line of each number of latents; the smallest share one where they are many."""
    few = [_DASHES[0]] * max(0, len(sizes) - len(_DASHES))
    return dict(zip(reversed(sizes), [*reversed(_DASHES), *few], strict=False))


def _at_own_sparsity(shown: _Shown, kind: Kind) -> dict[str, float]:
    """What becomes of features in the largest dictionaries, where as many latents are active."""
    active = measures.active_features(shown.cell.cell.features)
    of_runs = [measures.at_sparsity(table, kind, active) for table in shown.tables]
    found = {name: float(np.mean([one[name] for one in of_runs])) for name in of_runs[0]}
    dead = 100 * found["dead"] / shown.sizes[-1]
    return found | {"once": found["found"] - found["split"], "dead": dead}


def _bars(fates: Axes, dead: Axes, column: Sequence[_Shown], first: bool) -> None:
    """A bar for each kind and way in which features come: their fates, and dead latents."""
    height, places, names = -_BETWEEN / 2, [], []
    for shown in column:
        for kind, (name, colour) in _KINDS.items():
            height -= _BAR
            found, begin = _at_own_sparsity(shown, kind), 0.0
            for fate, (_, its_colour) in _FATES.items():
                if np.isfinite(found[fate]):
                    fates.barh(height, found[fate], 0.8 * _BAR, begin, color=its_colour)
                    begin += found[fate]
            if np.isfinite(found["dead"]):
                dead.barh(height, found["dead"], 0.8 * _BAR, color=colour)
            else:
                style.note(fates, 2, height, "none is as sparse", transform=fates.transData,
                           va="center", color=style.FAINT)  # fmt: skip
            places.append(height)
            names.append(f"{_GROUPS[shown.cell.experiment][0]}, {name}" if kind == "topk" else name)
        height -= _BETWEEN
    for axes in (fates, dead):
        axes.set_ylim(height, 0)
        axes.set_yticks(places, names if first and axes is fates else [], fontsize=5.5)
        axes.tick_params(axis="y", length=0)
    fates.set_xlim(0, max(table[0].represented for shown in column for table in shown.tables))
    dead.set_xlim(0, 100)
    fates.set_xlabel("features", labelpad=1)
    dead.set_xlabel("dead, %", labelpad=1)


def _key(page: Page, sizes: Sequence[int]) -> None:
    """Name the lines, which are the same in all panels."""
    axes = page.blank(_LEFT, 0.06, style.WIDTH - _LEFT - _RIGHT, 0.2)
    for name, colour in _KINDS.values():
        axes.plot([], [], color=colour, label=name, linewidth=1.5)
    for size in sizes:
        axes.plot([], [], color=style.INK, linestyle=_dashes(sizes)[size], label=f"{size} latents")
    axes.legend(ncols=len(_KINDS) + len(sizes), loc="center left", borderaxespad=0, handlelength=2)


def _key_of_fates(page: Page, y: float) -> None:
    axes = page.blank(_LEFT, y, style.WIDTH - _LEFT - _RIGHT, 0.18)
    for name, colour in _FATES.values():
        axes.bar([0], [0], color=colour, label=name)
    axes.legend(ncols=len(_FATES), loc="center left", borderaxespad=0, handlelength=1)


_SHOWN = ("size", "kind", "level", "active", "represented", "found", "split", "absorbed", "lost")
COLUMNS = numbers.columns(
    panel=(
        "name",
        "dictionary: one of a run; fates: those of the largest of all runs, with as many latents "
        "active as features",
    ),
    **numbers.RUN,
    size=("count", "latents of the dictionary"),
    kind=("name", "relu, topk or jumprelu"),
    level=("as in config.yaml", "what keeps latents few: λ of relu, k of topk, μ of jumprelu"),
    active=("count", "latents active in a sample, mean"),
    represented=("count", f"features that there were to find, ‖W_i‖ > {REPRESENTED:g}"),
    found=("count", "of these, found"),
    split=("count", "features found, along which several live latents point"),
    absorbed=("count", "not found, but a live latent points along the sum of their set's columns"),
    lost=("count", "neither found nor absorbed"),
    dead=("%", "latents that are never active"),
    unexplained=("share", "Σ ‖h − ĥ‖² / Σ ‖h‖²"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each dictionary of each run, and for each kind in each cell."""
    for group in _grouped(cells).values():
        for shown in group:
            cell = shown.cell
            for place, table in enumerate(shown.tables):
                for match in table:
                    its = {name: getattr(match, name) for name in (*_SHOWN, "unexplained")}
                    its["dead"] = 100 * match.dead / match.size
                    yield {"panel": "dictionary", **numbers.of_run(cell, place), **its}
            for kind in _KINDS:
                found = _at_own_sparsity(shown, kind)
                its = {name: value for name, value in found.items() if name in COLUMNS}
                its |= {"size": shown.sizes[-1], "kind": kind}
                its["active"] = measures.active_features(cell.cell.features)
                yield {"panel": "fates", **numbers.of_cell(cell), **its}
