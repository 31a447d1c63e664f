"""Compare the speed of the fused kernel with that of the published notebook's loop, in one process.

`make bench` prints microseconds per model and step, and how many times more training a wall second
brings on all threads. The machine may be busy, so both are timed in turns and the best turn counts.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

from superposition.settings import Cell, FeatureSettings, ModelSettings, TrainingSettings
from superposition.training import train

SIZES = ((2, 1), (5, 2), (20, 5), (80, 20), (200, 20), (400, 30))
DENSITIES = (1.0, 0.1, 0.01)


def bench_cell(n: int, m: int, density: float, steps: int) -> Cell:
    """Return a ReLU output model, everything else as in the notebook."""
    return Cell(
        features=FeatureSettings(n_features=n, feature_probability=(density,) * n),
        model=ModelSettings(model="relu", n_hidden=m, importance=(1.0,) * n),
        training=TrainingSettings(steps=steps),
        seed=0,
        runs=1,
        evaluation_samples=1,
    )


def notebook_loop(cell: Cell, steps: int) -> None:
    """Train one model as the published notebook does: eager torch, autograd, AdamW."""
    import torch

    n, m, batch = cell.features.n_features, cell.model.n_hidden, cell.training.batch
    density = torch.tensor(cell.features.feature_probability[0])
    importance = torch.ones(n)
    W = torch.nn.Parameter(torch.randn(1, n, m) * 0.1)
    b = torch.nn.Parameter(torch.zeros(1, n))
    optimizer = torch.optim.AdamW([W, b], lr=cell.training.learning_rate)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        values = torch.rand((batch, 1, n))
        x = torch.where(torch.rand((batch, 1, n)) <= density, values, torch.zeros(()))
        hidden = torch.einsum("...if,ifh->...ih", x, W)
        y = torch.relu(torch.einsum("...ih,ifh->...if", hidden, W) + b)
        loss = (importance * (x.abs() - y) ** 2).mean(dim=(0, 2)).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def seconds_per_call(work: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def compare(n: int, m: int, density: float, threads: int, seconds: float) -> tuple[float, ...]:
    """Return microseconds per model and step: the notebook's loop, one thread, and all threads."""
    loop_steps = max(3, int(seconds / 3 / (400e-6 + 3e-8 * 1024 * n)))
    kernel_steps = max(10, int(seconds / 3 / (3e-6 + 5e-10 * 1024 * n * m)))
    loop_cell = bench_cell(n, m, density, loop_steps)
    kernel_cell = bench_cell(n, m, density, kernel_steps)
    train(bench_cell(n, m, density, 1), range(1))
    notebook_loop(loop_cell, 3)
    times = []
    runs = range(2 * threads)
    for _ in range(3):
        loop = seconds_per_call(lambda: notebook_loop(loop_cell, loop_steps)) / loop_steps
        one = seconds_per_call(lambda: train(kernel_cell, range(1))) / kernel_steps
        every = seconds_per_call(lambda: train(kernel_cell, runs, threads))
        times.append((loop, one, every / (kernel_steps * len(runs))))
    return tuple(1e6 * min(column) for column in zip(*times, strict=True))


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    import torch

    parser = argparse.ArgumentParser(prog="superposition bench", description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=1.5, help="per row and engine, about")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    out = sys.stdout
    out.write(
        f"{platform.processor() or platform.machine()}, {options.threads} threads, batch 1024\n"
    )
    out.write(
        "microseconds per model and step; the notebook's loop uses all threads for one model\n\n"
    )
    out.write(
        f"{'n':>4} {'m':>3} {'1 − S':>6} {'notebook':>9} {'fused, 1':>9} {'all':>9} {'faster':>8}\n"
    )
    for n, m in SIZES:
        for density in DENSITIES:
            loop, one, every = compare(n, m, density, options.threads, options.seconds)
            out.write(f"{n:4d} {m:3d} {density:6g} {loop:9.1f} {one:9.2f} {every:9.2f}")
            out.write(f"{loop / every:7.0f}×\n")
            out.flush()
