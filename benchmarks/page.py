"""The benchmark as a page: its table and its plot."""

from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from matplotlib.typing import ColorType

from benchmarks.contestants import BATCH, BATCHED, ON_GPU
from benchmarks.measure import QUIET, Record, Row
from superposition.figures import style

_LOOKS = {
    "loop_one": ("loop, one model", style.SERIES[1], "o"),
    "loop_batched": (f"loop, {BATCHED} batched", style.SERIES[3], "D"),
    "loop_compiled": ("loop, compiled", style.SERIES[4], "X"),
    "jax": (f"JAX, {BATCHED} batched", style.SERIES[5], "p"),
    "fused_one": ("fused, 1 thread", style.FAINT, "v"),
    "fused_all": ("fused, all threads", style.SERIES[0], "s"),
    "fused_before": ("fused, before", style.FAINT, "1"),
    "loop_gpu": ("loop, GPU", style.INK, "^"),
    "cuda": ("CUDA engine", style.SERIES[2], "P"),
}
"""Label, colour and marker of each contestant."""

_LABEL = 1.55
"""A label is as high as the axis from a time to so many times that."""

_BUSY = """\
**The machine was busy when this was measured, so the loop's times are too long: quote no ratio, and
run `make bench` again on a quiet one.**"""

_ABOUT = f"""\
- **loop**: the training loop published beside the paper, in eager torch with autograd and AdamW, on
  all threads: with one model, and, as people run it, with many models in one tensor (the notebook
  has 10 or 20). Compiled: {BATCHED} models in one tensor through `torch.compile`, if there is a C++
  compiler. On a GPU, if there is one: {BATCHED} models in one tensor.
- **JAX**: {BATCHED} models by `vmap` of one, all steps in one compiled program, with the faster of
  JAX's generators, if JAX is installed (`pip install jax`).
- **fused**: this package's kernel, with one model on one thread, and with a model on each thread.
  Models are independent, so the cost of each is the same for any number of them. Before: the kernel
  of another checkout on all threads, if one was given (`make bench ARGS="--before FOLDER"`).
- **CUDA engine**: the same kernel on a GPU, if there is one, {ON_GPU} models side by side.

All train the paper's ReLU output model, with the same optimiser, on {BATCH} fresh samples a step. A
test compares the weights that they arrive at. Contestants take turns, A B C A B C …, so that other
load on the machine affects all of them alike, and a ratio is the median of the ratios within turns.
Compiling and starting models are not counted. The loop's threads wait for each other in every
operation, so a busy machine slows it down more than the kernel: measure on an idle one. Compare
numbers of this page only with each other; another machine has others.

Every turn is in [benchmarks.json](benchmarks.json); `make bench ARGS=--rewrite` writes this page
from it.
"""


def markdown(record: Record) -> str:
    """The page."""
    return f"""\
# How fast training is

{_headline(record) if record.load <= QUIET else _BUSY}

![Microseconds per model and step, by size](benchmarks.svg)

*Filled marks: all features are active. Hollow marks: few are (the smaller 1 − S).*

Times are medians, in microseconds per model and step. The last columns say how many times faster
the fused kernel on all threads is than the loop, and than the fastest other on the processor.

{table(record)}

Written by `make bench` on {record.date}, in {record.seconds:.0f} s, on one machine:
{record.machine}. Processes that ran or waited to run at the start: {record.load:g}.

{_ABOUT}"""


def _headline(record: Record) -> str:
    batched, one = (
        number(record.times_faster_at_n_5[key], 2)
        for key in ("than_100_models_batched", "than_one_model_at_a_time")
    )
    return f"""\
At n = 5, on {record.threads} threads, the fused kernel is **{batched} times as fast as the
published loop with {BATCHED} models batched**, and {one} times as fast as that loop with one model
at a time. These numbers are for the density below at which the kernel gains least."""


def table(record: Record) -> str:
    """The table, in Markdown."""
    looks = _shown(record)
    titles = ["n", "m", "1 − S", *(label for label, _, _ in looks.values())]
    titles += ["than one", f"than {BATCHED}", "than the fastest"]
    others = [
        name for name in ("loop_one", "loop_batched", "loop_compiled", "jax") if name in looks
    ]
    lines = [titles, ["---:"] * len(titles)]
    for row in record.rows:
        times = [number(row.median(name)) for name in looks]
        fastest = min(others, key=row.median)
        loops = ("loop_one", "loop_batched", fastest)
        ratios = [number(row.times_faster(loop), 2) for loop in loops]
        lines.append([str(row.n), str(row.m), f"{row.density:g}", *times, *ratios])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float, digits: int = 3) -> str:
    """A number with so many digits, and no exponent."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if rounded >= 10 ** (digits - 1) else f"{rounded:g}"


def plot(record: Record) -> Figure:
    """Plot the cost of a step by the size of the model."""
    sizes = {row.n: f"{row.n} × {row.m}" for row in record.rows}
    dense = max(row.density for row in record.rows)
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, 3.6), facecolor="white")
        axes = figure.add_axes((0.09, 0.13, 0.89, 0.84))
        axes.set(xscale="log", yscale="log", xlabel="features n × hidden dimensions m")
        axes.set_ylabel("microseconds per model and step")
        axes.set_xticks(list(sizes), list(sizes.values()))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(min(sizes) / 5, 1.4 * max(sizes))  # the labels stand on the left
        # What was before belongs to the table: here it would hide what is.
        shown = {name: look for name, look in _shown(record).items() if name != "fused_before"}
        for name, (_, colour, marker) in shown.items():
            for density in {row.density for row in record.rows}:
                rows = [row for row in record.rows if row.density == density]
                filled = density == dense
                axes.plot(
                    [row.n for row in rows],
                    [row.median(name) for row in rows],
                    color=colour,
                    marker=marker,
                    markersize=4,
                    markerfacecolor=colour if filled else "white",
                    linestyle="-" if filled else ":",
                    linewidth=0.9,
                )
        for name, height in _label_heights(record.rows[0], shown).items():
            label, colour, _ = shown[name]
            axes.text(0.86 * min(sizes), height, label, ha="right", va="center", color=colour)
    return figure


def _label_heights(row: Row, names: Iterable[str]) -> dict[str, float]:
    """Where labels stand beside the times of a row: at them, or below the label above."""
    heights: dict[str, float] = {}
    for name in sorted(names, key=row.median, reverse=True):
        lowest = min(heights.values(), default=float("inf"))
        heights[name] = min(row.median(name), lowest / _LABEL)
    return heights


def _shown(record: Record) -> dict[str, tuple[str, ColorType, str]]:
    """The looks of those that could run, in order."""
    return {name: look for name, look in _LOOKS.items() if name in record.rows[0].times}
