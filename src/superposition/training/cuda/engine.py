"""The CUDA engine: all runs of a job side by side, a block of threads to each."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.config.settings import Cell
from superposition.kernels.contracts.memory import words
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights
from superposition.sampling.philox import run_key
from superposition.sampling.schedule import stages
from superposition.training import Progress
from superposition.training.cuda import WORKERS, OutOfMemoryError, layout
from superposition.training.cuda.device import a_gpu
from superposition.training.cuda.driver import NvidiaGpu
from superposition.training.cuda.trial import check
from superposition.training.fused import collect, initial_parameters, laid_out, read, start
from superposition.training.layout import at_stage

_LAUNCH_SECONDS = 0.5
"""How long a launch should take: between two, progress is told and an interruption is seen, and
GPUs that also draw a screen stop what takes longer than some seconds."""
_FIRST_LAUNCH = 8
"""Steps of a job's first launch."""


def train(
    cells: Sequence[Cell],
    runs: Sequence[int],
    progress: Progress | None = None,
    workers: int = WORKERS,
    starts: Sequence[Parameters | None] = (),
) -> list[Weights]:
    """The trained weights of the same runs of cells that have models of one size and one recipe.

    If they do not fit into the GPU's memory together, they are trained one part after the other.
    The result does not depend on the number of workers to a run. Progress is told after launches.

    Raises:
        UserError: If there is no GPU, or it fails.
    """

    def waiting() -> None:
        if progress is not None:
            progress(0, total)  # may raise, if nothing is wanted any more

    total = len(cells) * len(runs) * cells[0].training.steps
    with a_gpu(waiting) as gpu:
        check(gpu, lambda small, runs: _Job(gpu, small, runs).weights())
        waiting()
        job = _Job(gpu, cells, runs, workers, progress, starts)
        plan = job.plan
        sys.stderr.write(
            f"{gpu.name}: {len(cells) * len(runs)} models side by side, {plan.resident / 1024:.0f} "
            f"of {plan.size / 1024:.0f} KiB of each in the memory on the chip\n"
        )
        return job.weights()


class _Placed(NamedTuple):
    """Runs that are in the GPU's memory together."""

    memory: int
    """Address of the first run's memory."""
    steps: int
    """Address of the first step, and one past the last."""
    flags: int
    """Address of what says which words are arrays."""


class _Job:
    """What is the same for all runs of a job."""

    def __init__(
        self,
        gpu: NvidiaGpu,
        cells: Sequence[Cell],
        runs: Sequence[int],
        workers: int = WORKERS,
        progress: Progress | None = None,
        starts: Sequence[Parameters | None] = (),
    ) -> None:
        self.starts = starts or [None] * len(cells)
        self.gpu, self.cells, self.runs, self.workers = gpu, cells, runs, workers
        self.training = cells[0].training
        # The other runs of a cell differ from its first by key and initial weights alone.
        self.samples = [start(cell, runs[0], workers) for cell in cells]
        self.words = [value for _, value in words(self.samples[0])]
        self.stages = [stages(cell) for cell in cells]  # they begin at the same steps
        self.plan = layout.plan(self.samples[0], gpu.chip_bytes - 8 * len(self.words))
        self.finals: dict[tuple[int, int], Parameters] = {}
        self.snapshots: dict[tuple[int, int], list[Parameters]] = defaultdict(list)
        self.progress, self.done = progress, 0
        self.total = len(cells) * len(runs) * self.training.steps

    def weights(self) -> list[Weights]:
        """Train everything; return the weights of each cell."""
        self._train(list(product(range(len(self.cells)), range(len(self.runs)))))
        places = range(len(self.runs))
        return [
            collect(cell, self.runs, [(self.finals[k, i], self.snapshots[k, i]) for i in places])
            for k, cell in enumerate(self.cells)
        ]

    def _train(self, wanted: list[tuple[int, int]]) -> None:
        """Train runs, by the places of a cell and of a run: together, or if need be by halves."""
        try:
            with self._placed(wanted) as placed:
                self._train_placed(wanted, placed)
        except OutOfMemoryError:
            if len(wanted) == 1:
                raise
            half = len(wanted) // 2
            self._train(wanted[:half])
            self._train(wanted[half:])

    def _train_placed(self, wanted: list[tuple[int, int]], placed: _Placed) -> None:
        count, kept = len(wanted), self.training.snapshots
        size = (count, self.workers, 8 * len(self.words) + self.plan.resident)
        last, at_once = 0, _FIRST_LAUNCH
        with ExitStack() as stage:
            for stop in sorted({self.training.steps, *kept, *self.stages[0]}):
                if last in self.stages[0]:
                    stage.close()
                    table = stage.enter_context(self._tables(wanted, placed, last))
                while last < stop:
                    done = min(at_once, stop - last)
                    self.gpu.write(placed.steps, np.array([last, last + done], dtype=np.int64))
                    began = monotonic()
                    self.gpu.launch(size, table, placed.flags, len(self.words))
                    of_a_step = (monotonic() - began) / done
                    at_once = max(1, int(_LAUNCH_SECONDS / max(of_a_step, 1e-6)))
                    last += done
                    self.done += count * done
                    if self.progress is not None:
                        self.progress(self.done, self.total)
                if stop in kept:
                    for where, now in self._parameters(wanted, placed):
                        self.snapshots[where].append(now)
        self.finals.update(self._parameters(wanted, placed))

    def _parameters(
        self, wanted: list[tuple[int, int]], placed: _Placed
    ) -> Iterator[tuple[tuple[int, int], Parameters]]:
        """Yield each run's places, and its parameters as they are now."""
        shape = self.samples[0].shape
        p = np.empty(shape.size, dtype=np.float32)
        for number, where in enumerate(wanted):
            self.gpu.read(placed.memory + number * self.plan.size + self.plan.places["p"], p)
            yield where, read(shape, p)

    @contextmanager
    def _placed(self, wanted: list[tuple[int, int]]) -> Iterator[_Placed]:
        """Put runs into the GPU's memory, and free it in the end."""
        with ExitStack() as taken:
            memory = taken.enter_context(self._memory(len(wanted) * self.plan.size))
            for number, where in enumerate(wanted):
                self._fill(memory + number * self.plan.size, *where)
            steps = taken.enter_context(self._copy(np.zeros(2, dtype=np.int64)))
            flags = np.array([isinstance(word, np.ndarray) for word in self.words], dtype=np.uint8)
            yield _Placed(memory, steps, taken.enter_context(self._copy(flags)))

    @contextmanager
    def _tables(self, wanted: list[tuple[int, int]], placed: _Placed, first: int) -> Iterator[int]:
        """Put the tables of the stage that begins at a step there; yield the rows' address."""
        homes = placed.memory + self.plan.size * np.arange(len(wanted), dtype=np.uint64)
        rows = []
        with ExitStack() as taken:
            for k in sorted({k for k, _ in wanted}):
                sample = at_stage(self.samples[k], self.cells[k], self.stages[k][first])
                tables, places = layout.shared(sample)
                at = taken.enter_context(self._copy(tables))
                addresses = {name: at + offset for name, offset in places.items()}
                addresses["steps"] = placed.steps
                its = [number for number, (cell, _) in enumerate(wanted) if cell == k]
                keys = [run_key(self.cells[k], self.runs[wanted[number][1]]) for number in its]
                for home in homes[its].tolist():
                    place = home + self.plan.places["tile.error_scale"]
                    self.gpu.write(place, sample.tile.error_scale)
                rows.append(layout.rows(sample, self.plan, addresses, keys, homes[its]))
            yield taken.enter_context(self._copy(np.concatenate(rows)))

    @contextmanager
    def _memory(self, size: int) -> Iterator[int]:
        """The address of some of the GPU's memory, for a while."""
        address = self.gpu.allocate(size)
        try:
            yield address
        finally:
            self.gpu.release(address)

    @contextmanager
    def _copy(self, array: NDArray[np.generic]) -> Iterator[int]:
        """The address of a copy in the GPU's memory, for a while."""
        with self._memory(array.nbytes) as address:
            self.gpu.write(address, array)
            yield address

    def _fill(self, home: int, k: int, place: int) -> None:
        """Write what a run's memory holds before its first step."""
        cell, run, sample = self.cells[k], self.runs[place], self.samples[k]
        p = laid_out(sample.shape, initial_parameters(cell, run, self.starts[k]))
        self.gpu.write(home, layout.image(sample._replace(p=p), self.plan))
