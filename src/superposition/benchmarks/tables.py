"""The tables of the benchmark's page, in Markdown."""

from collections.abc import Iterable, Sequence

from superposition.benchmarks import counting
from superposition.benchmarks.counting import Size
from superposition.benchmarks.record import Record, Row, Times, ends

ABSENT = "–"
"""Stands for what was not measured."""
_BRIEF = ((2, 1), (5, 2), (20, 5), (80, 20), (100, 20), (200, 20), (400, 30), (800, 30))
"""Sizes that the README shows, as far as they were measured."""
_TEXTS = ("model", "experiments")


def brief_table(record: Record) -> str:
    """Return the README's table: some sizes, at their densest and sparsest."""
    columns = ["notebook", "fused_one", "fused_all"]
    titles = ["n", "m", "1 − S", *(record.labels[name] for name in columns)]
    titles += ["times faster", f"1 thread / {record.labels['products']}"]
    densest, sparsest = ends(record.sizes)
    lines = []
    for size in _BRIEF:
        for row in (*densest, *sparsest):
            if (row.n, row.m) == size:
                lines.append(_names(row)[1:])
                lines[-1] += [number(row.times[name].median) for name in columns]
                lines[-1] += [number(row.ratio("notebook", "fused_all"), 2)]
                lines[-1] += [_ratio(row, "fused_one", "products")]
    return _markdown(titles, lines)


def times_table(record: Record) -> str:
    """Return what everyone takes at all sizes, but for the bare products."""
    columns = [name for name in record.labels if not name.startswith("products")]
    titles = ["model", "n", "m", "1 − S", *(record.labels[name] for name in columns)]
    titles += ["loop / all threads", "experiments"]
    lines = []
    for row in record.sizes:
        times = (_times(row.times.get(name)) for name in columns)
        ratio = number(row.ratio("notebook", "fused_all"), 2)
        lines.append([*_names(row), *times, ratio, _experiments(row)])
    return _markdown(titles, lines)


def products_table(record: Record) -> str:
    """Return the fused kernel beside the bare products of its step."""
    columns = ["products", "products_rows", "fused_one"]
    titles = ["model", "n", "m", "1 − S", *(record.labels[name] for name in columns)]
    titles += ["kernel / products", "less?"]
    lines = []
    for row in record.sizes:
        times = (_times(row.times.get(name)) for name in columns)
        ratio = row.ratio("fused_one", "products")
        holds = ABSENT if ratio is None else ("yes" if ratio < 1 else "**no**")
        lines.append([*_names(row), *times, _ratio(row, "fused_one", "products"), holds])
    return _markdown(titles, lines)


def numbers_table(record: Record) -> str:
    """Return what everyone takes with many models at once."""
    columns = [name for name in record.labels if any(name in row.times for row in record.numbers)]
    titles = ["models at once", *(record.labels[name] for name in columns), "loop / fused"]
    lines = []
    for row in record.numbers:
        models = max(times.models for times in row.times.values())
        times = (_times(row.times.get(name)) for name in columns)
        lines.append([f"{models:,}", *times, number(row.ratio("notebook", "fused_all"), 2)])
    return _markdown(titles, lines)


def roofline_table(record: Record) -> str:
    """Return operations and bytes of every size of the ReLU output model, and what was reached."""
    titles = ["n", "m", "1 − S", "million operations", "needed", "and for x", "bytes, loop"]
    titles += ["bytes, kernel", "kernel, 1 thread: billion a second", "of the machine's"]
    lines = []
    for row in record.sizes:
        if row.model != "relu":
            continue
        size = Size(row.n, row.m, record.batch, row.density)
        needed = counting.needed(size) / counting.products(size)
        rate = 1e6 * counting.products(size) / row.times["fused_one"].median
        counts = [number(counting.step(size) / 1e6), f"{needed:.0%}"]
        counts += [number(counting.random_numbers(size) / 1e6)]
        counts += [_bytes(counting.plain_bytes(size)), _bytes(counting.fused_bytes(size))]
        share = f"{rate / record.rates.product_one:.0%}"
        lines.append([*_names(row)[1:], *counts, number(rate / 1e9), share])
    return _markdown(titles, lines)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many digits, and no exponent."""
    if value is None:
        return ABSENT
    rounded = float(f"{value:.{digits}g}")
    if rounded >= 10 ** (digits - 1):
        return f"{rounded:,.0f}"
    return f"{rounded:.{digits}f}".rstrip("0").rstrip(".") if rounded < 1 else f"{rounded:g}"


def _names(row: Row) -> list[str]:
    return [row.model, str(row.n), str(row.m), f"{row.density:g}"]


def _experiments(row: Row) -> str:
    first, *others = row.experiments
    return f"{first} and {len(others)} more" if len(others) > 1 else ", ".join(row.experiments)


def _times(times: Times | None) -> str:
    return f"{number(times.median)} ({number(times.least)})" if times else ABSENT


def _ratio(row: Row, one: str, other: str) -> str:
    ratio = row.ratio(one, other)
    return ABSENT if ratio is None else f"{ratio:.2f}"


def _bytes(count: float) -> str:
    return f"{number(count / 1e6)} MB" if count >= 1e6 else f"{number(count / 1e3)} kB"


def _markdown(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---" if title in _TEXTS else "---:" for title in titles]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, rule, *lines))
