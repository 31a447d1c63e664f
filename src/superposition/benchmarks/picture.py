"""The benchmark's plot: cost by size, cost by number of models, and the roofline."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from superposition.benchmarks import counting
from superposition.benchmarks.counting import Size
from superposition.benchmarks.record import Record, Row, ends
from superposition.plotting import style

_HEIGHT = 6.6
# Okabe and Ito's colours; marks differ as well.
_LOOKS = {
    "notebook": ("#D55E00", "o"),
    "reference": ("#CC79A7", "v"),
    "jax": ("#E69F00", "D"),
    "fused_one": ("#56B4E9", "s"),
    "fused_all": ("#0072B2", "s"),
    "products": (style.INK, "x"),
    "notebook_cuda": ("#8C4A00", "^"),
    "cuda": ("#009E73", "P"),
}
_ROOF = style.FAINT
_BYTES: dict[str, Callable[[Size], float]] = {
    "notebook": counting.plain_bytes,
    "products": counting.product_bytes,
    "fused_one": counting.fused_bytes,
    "fused_all": counting.fused_bytes,
}
"""Bytes that those move whose bytes can be counted."""


def draw(record: Record) -> Figure:
    """Return the figure."""
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        _sizes(figure.add_axes((0.085, 0.50, 0.70, 0.465)), record)
        _numbers(figure.add_axes((0.085, 0.065, 0.335, 0.335)), record)
        _roofline(figure.add_axes((0.585, 0.065, 0.40, 0.335)), record)
    return figure


def _sizes(axes: Axes, record: Record) -> None:
    """Draw what a step costs, by the operations of its five products."""
    dense, sparse = ends(record.sizes)
    places = [_operations(record, row) for row in dense]
    labels: list[tuple[float, str, str]] = []
    for name, (colour, mark) in _LOOKS.items():
        if name not in record.labels:
            continue
        for rows, look in ((dense, {"linestyle": "-", "linewidth": 0.9}),
                           (sparse, {"markerfacecolor": "white", "linestyle": ""})):  # fmt: skip
            marks = [(_operations(record, row), row.times[name].median)
                     for row in rows if name in row.times]  # fmt: skip
            if not marks or (name == "products" and rows is sparse):
                continue
            axes.plot(*zip(*marks, strict=True), marker=mark, color=colour, markersize=3.6,
                      markeredgewidth=0.8, zorder=3, **look)  # fmt: skip
            if rows is dense:
                labels.append((marks[-1][1], record.labels[name], colour))
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="operations of the five matrix products of a step, 10 · 1024 · n · m",
             ylabel="microseconds per model and step")  # fmt: skip
    for rate, words in ((record.rates.product_one, "1 thread"),
                        (record.rates.product_all, f"{record.threads} threads")):  # fmt: skip
        costs = [1e6 * place / rate for place in places]
        axes.plot(places, costs, ":", color=_ROOF, linewidth=1)
        labels.append((costs[-1], f"machine's product, {words}", _ROOF))
    _name_sizes(axes, record, sorted((*dense, *sparse), key=lambda row: row.n * row.m))
    _label_ends(axes, labels)


def _name_sizes(axes: Axes, record: Record, rows: Sequence[Row]) -> None:
    """Write n × m above the sizes, as many as there is room for."""
    last = 0.0
    for row in rows:
        place = _operations(record, row)
        if place > 2.3 * last:
            last = place
            axes.annotate(f"{row.n} × {row.m}", (place, 1), (0, 3), textcoords="offset points",
                          xycoords=axes.get_xaxis_transform(), ha="center", va="bottom",
                          fontsize=style.SMALL, color=_ROOF)  # fmt: skip


def _operations(record: Record, row: Row) -> float:
    return counting.products(Size(row.n, row.m, record.batch))


def _label_ends(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write names beside the ends of lines, from bottom to top, none over another."""
    to_display, to_axes = axes.transData.transform, axes.transAxes.inverted().transform
    ordered = sorted(labels)
    wanted = [float(to_axes(to_display((axes.get_xlim()[1], y)))[1]) for y, _, _ in ordered]
    line = _LINE / axes.get_position().height
    for k in range(1, len(wanted)):
        wanted[k] = max(wanted[k], wanted[k - 1] + line)
    ceiling = 1.0
    for k in reversed(range(len(wanted))):
        wanted[k] = ceiling = min(wanted[k], ceiling)
        ceiling -= line
    for place, (_, words, colour) in zip(wanted, ordered, strict=True):
        axes.text(1.015, place, words, transform=axes.transAxes, color=colour, va="center",
                  fontsize=style.SMALL)  # fmt: skip


_LINE = 0.0185
"""Height of a line of text, in parts of the figure's."""


def _numbers(axes: Axes, record: Record) -> None:
    """Draw what a step costs, by the number of models trained at once."""
    axes.set(xscale="log", yscale="log")
    most = max(times.models for row in record.numbers for times in row.times.values())
    for name in record.labels:
        pairs = [
            (row.times[name].models, row.times[name].median)
            for row in record.numbers
            if name in row.times
        ]
        if pairs:
            colour, mark = _LOOKS[name]
            axes.plot(*zip(*pairs, strict=True), mark, color=colour, markersize=3.6, linestyle="-",
                      linewidth=0.9)  # fmt: skip
            if name == "fused_all":  # one by one, so more cost the same
                axes.plot([pairs[-1][0], most], [pairs[-1][1]] * 2, ":", color=colour, linewidth=1)
            above = name != "jax"  # which begins below the loop and does not fall as fast
            axes.annotate(record.labels[name], pairs[0], (-3, 5 if above else -10), color=colour,
                          textcoords="offset points", fontsize=style.SMALL)  # fmt: skip
    axes.set(xlabel="models at once", ylabel="microseconds per model and step")
    low, high = axes.get_ylim()
    axes.set_ylim(low / 1.5, high * 2)
    axes.yaxis.set_minor_formatter(NullFormatter())


def _roofline(axes: Axes, record: Record) -> None:
    """Draw operations a second, by operations for each byte that has to be moved."""
    dense, _ = ends(record.sizes)
    axes.set(xscale="log", yscale="log")
    rates = record.rates
    for product, copy, line in ((rates.product_one, rates.copy_one, "-"),
                                (rates.product_all, rates.copy_all, "--")):  # fmt: skip
        ridge = product / copy
        axes.plot([0.03, ridge, 2000], [0.03 * copy / 1e9, product / 1e9, product / 1e9], line,
                  color=_ROOF, linewidth=1)  # fmt: skip
    axes.annotate("product of large matrices", (2000, rates.product_all / 1e9), (0, 3), ha="right",
                  textcoords="offset points", fontsize=style.SMALL, color=_ROOF)  # fmt: skip
    axes.annotate("copying", (0.3, 0.3 * rates.copy_all / 1e9), (-4, 2), ha="right",
                  textcoords="offset points", fontsize=style.SMALL, color=_ROOF)  # fmt: skip
    for name, bytes_of in _BYTES.items():
        colour, mark = _LOOKS[name]
        points = []
        for row in dense:
            if name not in row.times:
                continue
            size = Size(row.n, row.m, record.batch)
            operations = counting.products(size)
            rate = operations / row.times[name].median / 1e3
            points.append((operations / bytes_of(size), rate))
        if points:
            axes.plot(*zip(*points, strict=True), mark, color=colour, markersize=3.6)
    axes.set(xlabel="operations for a byte that has to be moved",
             ylabel="billion operations a second")  # fmt: skip
