"""Train on the GPU that numba simulates (run with NUMBA_ENABLE_CUDASIM=1), and say how it went.

Prints for rows of `cells.ROWS`, all if none is named, whether the weights are the bytes of the
kernel on the processor, and with --watch the races found.
"""

import argparse
import sys
import threading
import time
from contextlib import nullcontext

import numpy as np
import simulator  # before the package, for whose modules it stands
from cells import ROWS, train_cell
from races import Races, Watched, met

from superposition.config.settings import Cell
from superposition.model.parameters import Parameters
from superposition.model.start import started
from superposition.training import train
from superposition.training.cuda import OutOfMemoryError, engine, sampling, workers

STEPS, BATCH = 2, 136
"""Two tiles where features are dense, and a last block that is not full."""


def small(name: str) -> Cell:
    """Return a row with little to do, and a snapshot."""
    settings = ROWS[name]
    training = {"steps": STEPS, "batch": BATCH, "snapshots": (0, 1)}
    return settings.model_copy(
        update={"training": settings.training.model_copy(update=training), "runs": 2}
    )


def leave_time_to_threads() -> None:
    """Have the simulator ask its threads where they are a thousand times a second, not always.

    It asks each in turn, without end, and they wait for it: most of the time would be its own.
    """
    from numba.cuda.simulator.kernel import BlockThread

    is_alive = BlockThread.is_alive

    def is_alive_yet(thread: BlockThread) -> bool:
        if thread.thread_id == 0:
            time.sleep(1e-3)
        return is_alive(thread)

    BlockThread.is_alive = is_alive_yet


def watch(races: Races) -> None:
    """Note every use of the kernel's memory, and every meeting."""
    from numba.cuda.simulator.kernel import BlockThread

    def meet_block(thread: BlockThread) -> None:
        as_it_is(thread)
        met("met")

    def lane_barrier() -> None:
        of_lanes()
        met("met_lanes")

    as_it_is, of_lanes = BlockThread.syncthreads, simulator.lane_barrier
    BlockThread.syncthreads = meet_block
    lane_barrier.__module__ = simulator.__name__
    for module in (simulator, workers, sampling):
        module.lane_barrier = lane_barrier
    simulator.watched = lambda name, array: Watched(name, array, races)


def be_careless() -> None:
    """Have one function of the kernel forget its meetings: what must be noticed."""

    def barrier() -> None:
        if sys._getframe(1).f_code.co_name != "learn":
            threading.current_thread().syncthreads()

    barrier.__module__ = simulator.__name__
    workers.barrier = barrier


def limit(memory: int) -> None:
    """Give the GPU little memory."""
    allocate = simulator.SimulatedGpu.allocate

    def allocate_if_there_is(gpu: simulator.SimulatedGpu, size: int) -> int:
        if size > memory:
            print("refused", file=sys.stderr)
            raise OutOfMemoryError("The GPU's memory is full.")
        return allocate(gpu, size)

    simulator.SimulatedGpu.allocate = allocate_if_there_is


def same(name: str, team: int, seeds: int, runs: int, on: bool) -> bool:
    """Train runs of a cell with several seeds, from random weights or on from the first's.

    Returns whether every array is the processor's.
    """
    cell = small(name)
    cells = [cell.model_copy(update={"seed": cell.seed + k}) for k in range(seeds)]
    done: list[tuple[int, int]] = []
    numbers = range(1, 1 + runs)  # a run's number is not its place
    starts: list[Parameters] = []
    if on:
        given = train_cell(cell, range(runs), engine="fused").final
        cells, starts = zip(*(started(cell, given, name) for cell in cells), strict=True)
    trained = engine.train(cells, numbers, lambda *steps: done.append(steps), team, starts)
    assert done[-1] == (seeds * runs * STEPS, seeds * runs * STEPS)
    expected = train(cells, numbers, engine="fused", starts=starts)
    return all(
        np.array_equal(ours.arrays()[name], array)
        for ours, theirs in zip(trained, expected, strict=True)
        for name, array in theirs.arrays().items()
    )


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", default=list(ROWS))
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("--careless", action="store_true")
    parser.add_argument("--started", action="store_true")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    leave_time_to_threads()
    engine.a_gpu = lambda waiting: nullcontext(simulator.SimulatedGpu())
    engine.check = lambda gpu, train: None  # as each row here does
    races = Races()
    if options.watch:
        watch(races)
    if options.careless:
        be_careless()
    if options.memory is not None:
        limit(options.memory)
    # Blocks take their turns in the simulator, so that there is nothing to watch between them.
    seeds = 1 if options.watch else 2
    for name in options.rows:
        found = same(name, options.workers, seeds, options.runs, options.started)
        print(f"{name}: {'same' if found else 'different'}", flush=True)
    for race in sorted(races.found):
        print(f"race: {race}")


if __name__ == "__main__":
    main()
