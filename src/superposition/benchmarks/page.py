"""The benchmark as a page: what was measured, how to read it, and the README's part of it."""

from collections.abc import Iterable
from inspect import cleandoc
from statistics import median

from superposition.benchmarks.record import Record, Row
from superposition.benchmarks.tables import (
    ABSENT,
    brief_table,
    number,
    numbers_table,
    products_table,
    roofline_table,
    times_table,
)

_CONTESTANTS = {
    "notebook": """eager torch with autograd and AdamW, as published beside the paper; one model, on
        all threads.""",
    "reference": """this package's engine to read and to check against: torch on one thread, on the
        kernel's own batches.""",
    "jax": """the same training, drawn, differentiated and updated by one compiled program; one
        model, on as many threads as it takes.""",
    "fused_one": "this package's kernel, one model on one thread.",
    "fused_all": "the same, a model on each thread.",
    "products": """the five matrix products of the step, on arrays that are there already, one
        thread: no random numbers, no ReLU, no optimiser. Arrays lie as is best for the library, and
        in a second column as in the notebook.""",
    "notebook_cuda": "the notebook's loop on the graphics processor, 100 models at once.",
    "cuda": "this package's kernel on the graphics processor, 256 models at once.",
}


def markdown(record: Record) -> str:
    """Return the page."""
    parts = (
        "# How fast training is",
        _about(record),
        _picture(record),
        "## In short",
        _summary(record),
        "## How to read it",
        _reading(record),
        "## At the sizes of every experiment",
        "Microseconds per model and step: the median turn, and in brackets the fastest.",
        times_table(record),
        "## Against bare matrix products",
        _target(record),
        products_table(record),
        "## Many models at once",
        _many(record),
        numbers_table(record),
        "## The roofline",
        _roofline(record),
        roofline_table(record),
    )
    return "\n\n".join(parts) + "\n"


def brief(record: Record) -> str:
    """Return the README's part."""
    machine = record.machine
    head = f"""
        Microseconds per model and step at batch {record.batch}, on {record.date} on one machine
        ({machine.processor}, {machine.cores} cores, {machine.vectors}). *Times faster* compares all
        threads with the loop of the published notebook in torch; the last column, one thread with
        the bare matrix products of the same step."""
    return f"{_prose(head)}\n\n{brief_table(record)}"


def _prose(text: str) -> str:
    """Return paragraphs of a text, each on one line."""
    return "\n\n".join(" ".join(part.split()) for part in cleandoc(text).split("\n\n"))


def _case(row: Row) -> str:
    return f"n = {row.n}, m = {row.m}, 1 − S = {row.density:g}"


def _about(record: Record) -> str:
    machine, left_out = record.machine, record.left_out
    missing = "; ".join(f"{name}: {reason}" for name, reason in record.absent.items())
    return _prose(f"""
        Written by `make bench` on {record.date}, in {record.seconds:.0f} s, on one machine:
        {machine.processor}, {machine.cores} cores, {machine.vectors};
        {machine.device or "no graphics processor"}; {machine.system}; {machine.versions}. Processes
        that ran or wanted to when it began: {machine.load:g}.
        {f"Not measured: {missing}." if missing else ""}
        {f"**To be quick, {left_out} sizes and densities were left out.**" if left_out else ""}
    """)


def _picture(record: Record) -> str:
    return _prose(f"""
        ![Microseconds per model and step by size and by number of models, and operations a
        second](benchmarks.svg)

        *Above: what a step of one model costs, by the operations of its five matrix products.
        Filled marks are where features are dense, hollow ones at the sparsest density of each size;
        ReLU output models. Dotted lines are what the products would take at the rate of the
        machine's product of large matrices. Below left: the same by the number of models trained at
        once ({_case(record.numbers[-1])}). Below right, the roofline: operations of the dense
        products a second, by operations for each byte that has to be moved, in the colours above.
        The roof is the machine's, on one thread (full line) and on all (dashed).*
    """)


def _summary(record: Record) -> str:
    labels, sizes = record.labels, record.sizes
    held = [r for row in sizes if (r := row.ratio("fused_one", "products")) is not None]
    below = sum(ratio < 1 for ratio in held)
    rows = sum((row.ratio("fused_one", "products_rows") or 1.0) < 1 for row in sizes)
    lines = [f"""The fused kernel on {record.threads} threads is
        {_range(row.ratio("notebook", "fused_all") for row in sizes)} times as fast as the published
        notebook's loop in torch on as many."""]  # fmt: skip
    if "jax" in labels:
        lines.append(f"""It is {_range(row.ratio("jax", "fused_all") for row in sizes)} times as
            fast as a compiled loop in JAX that trains one model.""")
    lines.append(f"""On one thread, random numbers and all, it costs less than the five bare matrix
        products of the same step at {below} of {len(held)} sizes and densities; at {rows}, if their
        arrays lie as in the notebook.""")
    for name in ("cuda", "notebook_cuda"):
        if name in labels:
            lines.append(f"""{labels[name]}: {_range(row.ratio("fused_all", name) for row in sizes)}
                times as fast as the fused kernel on {record.threads} threads.""")
    return "\n".join(f"- {_prose(line)}" for line in lines)


def _range(ratios: Iterable[float | None]) -> str:
    """Return the smallest and the largest ratio, and the median."""
    found = sorted(ratio for ratio in ratios if ratio is not None)
    low, middle, high = (number(value, 2) for value in (found[0], median(found), found[-1]))
    return f"{low} to {high} (median {middle})"


def _reading(record: Record) -> str:
    about = _prose(f"""
        Compare numbers of this page with each other only: another machine, or the same one another
        day, has others. Contestants take turns, A B C A B C …, so that whatever else the machine
        does hits all alike, and a ratio is the median of the ratios within turns. Sizes (n, m,
        model) are those of every experiment of config.yaml, each at its densest, its sparsest and
        one density between. Features are independent and batches {record.batch} everywhere,
        without sets, attacks, penalties and snapshots. Compiling is
        left out, and starting models takes at most a twentieth of a turn or is subtracted.

        Every turn is in [benchmarks.json](benchmarks.json); `make bench ARGS=--redraw` writes this
        page from it.
    """)
    lines = (
        f"- **{record.labels[name]}**: {_prose(text)}"
        for name, text in _CONTESTANTS.items()
        if name in record.labels
    )
    return f"{about}\n\n" + "\n".join(lines)


def _target(record: Record) -> str:
    over = "; ".join(
        f"{_case(row)}, {row.model} ({ratio:.2f})"
        for row in record.sizes
        if (ratio := row.ratio("fused_one", "products")) is not None and ratio >= 1
    )
    return _prose(f"""
        The aim: the fused kernel, random numbers and all, costs less than the five bare matrix
        products of the same step, both on one thread.
        {f"It does not at {over}." if over else "It does at every size."} Products cost the same at
        every density; the kernel computes no empty samples and, where it lists active features, no
        zeros. It may not fuse a multiplication with an addition, which the library does.
    """)


def _many(record: Record) -> str:
    return _prose(f"""
        Microseconds per model and step, {_case(record.numbers[-1])}: the median turn, and in
        brackets the fastest. {ABSENT} where the arrays of so many models would fill more than half
        of the memory; and of the fused kernel where it would take too long, as it trains them one
        after the other on each thread, at the same cost each. (With one model, one thread works.)
    """)


def _roofline(record: Record) -> str:
    rates = record.rates
    return _prose(f"""
        Read between the sizes, medians: a product of matrices of 1024 × 1024 numbers runs at
        {number(rates.product_one / 1e9)} billion operations a second on one thread and
        {number(rates.product_all / 1e9)} on {record.threads}; copying at
        {number(rates.copy_one / 1e9)} and {number(rates.copy_all / 1e9)} billion bytes read and
        written a second.

        Counts are made by hand in `superposition.benchmarks.counting` and checked against other
        counts in its tests. The five products of a step have 10 B n m operations (B is the batch),
        outputs 5 B n and Adam 16 for each parameter. Of the products, (6 B' n + 4 B n p) m are
        needed, where B' samples are not empty and p = 1 − S. Drawing x takes 28 B n integer
        operations besides (*and for x*), if every feature of every sample is drawn.

        The notebook's loop reads and writes 40½ arrays of B × n numbers a step, so it has about
        m / 16 operations for a byte, and memory limits it unless m is large. Bare products move
        20 (B n + B m + n m) bytes. The kernel draws samples where it uses them up, and has to move
        parameters and Adam's means alone, 24 bytes for each parameter: arithmetic limits it. Small
        products lie above the slope, as their arrays stay in the cache and copying goes by way of
        memory.
    """)
