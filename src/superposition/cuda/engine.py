"""The CUDA engine: all runs of a job side by side, a block of threads to each."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.cuda import WORKERS, images
from superposition.cuda.device import Gpu, OutOfMemoryError, a_gpu
from superposition.cuda.trial import check
from superposition.features import tabulate
from superposition.parameters import Parameters, join
from superposition.philox import key_of
from superposition.settings import Cell
from superposition.training.attacked import attack_length
from superposition.training.fused import initial_parameters, laid_out, read, start
from superposition.training.kernel import Training
from superposition.training.layout import network, recipe
from superposition.weights import Weights

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all, summed over runs."""

_LAUNCH_SECONDS = 0.5
"""How long a launch should take: between two, progress is told and an interruption is seen, and
GPUs that also draw a screen stop what takes longer than some seconds."""
_FIRST_LAUNCH = 8
"""Steps of a job's first launch."""


def train(
    points: Sequence[Cell],
    runs: Sequence[int],
    progress: Progress | None,
    snapshots: Sequence[Mapping[int, Parameters]],
    workers: int = WORKERS,
) -> list[Weights]:
    """Train the same runs of cells that have models of one size and one recipe.

    If they do not fit into the GPU's memory together, they are trained one part after the other.

    Args:
        points: Cells.
        runs: Numbers of the runs.
        progress: Called after each launch.
        snapshots: For each cell, where parameters of these runs go, after which steps.
        workers: Workers to a run; the result does not depend on it.

    Returns:
        The weights of each cell.

    Raises:
        UserError: If there is no GPU, or it fails.
    """

    def waiting() -> None:
        if progress is not None:
            progress(0, total)  # may raise, if nothing is wanted any more

    total = len(points) * len(runs) * points[0].training.steps
    with a_gpu(waiting) as gpu:
        check(gpu, lambda cells, runs: _Job(gpu, cells, runs, [{}]).weights())
        waiting()
        job = _Job(gpu, points, runs, snapshots, workers, progress)
        sys.stderr.write(f"{job.about()}\n")
        return job.weights()


class _Placed(NamedTuple):
    """Runs that are in the GPU's memory together."""

    memory: int
    """Address of the first run's memory."""
    steps: int
    """Address of the first step, and one past the last."""
    table: int
    """Address of the rows of words."""
    flags: int
    """Address of what says which words are arrays."""


class _Job:
    """What is the same for all runs of a job."""

    def __init__(
        self,
        gpu: Gpu,
        points: Sequence[Cell],
        runs: Sequence[int],
        snapshots: Sequence[Mapping[int, Parameters]],
        workers: int = WORKERS,
        progress: Progress | None = None,
    ) -> None:
        self.gpu, self.points, self.runs, self.workers = gpu, points, runs, workers
        self.net, self.training = network(points[0].model), points[0].training
        self.samples = [self._sample(cell, runs[0]) for cell in points]
        self.words = list(images.words_of(self.samples[0]))
        self.plan = images.plan(self.samples[0], gpu.chip_bytes - 8 * len(self.words))
        self.snapshots = snapshots
        self.progress, self.done = progress, 0
        self.total = len(points) * len(runs) * self.training.steps

    def _sample(self, cell: Cell, run: int) -> Training:
        """Return a run of a cell; the others differ from it by key and initial weights alone."""
        draws, length = tabulate(cell.features), attack_length(cell)
        return start(cell, self.net, recipe(cell.training), draws, length, run, self.workers)

    def about(self) -> str:
        """Return what is trained where, in a line."""
        return (
            f"{self.gpu.name}: {len(self.points) * len(self.runs)} models side by side, "
            f"{self.plan.resident / 1024:.0f} of {self.plan.size / 1024:.0f} KiB of each in the "
            "memory on the chip"
        )

    def weights(self) -> list[Weights]:
        """Train everything; return the weights of each cell."""
        count = len(self.runs)
        wanted = [(p, place) for p in range(len(self.points)) for place in range(count)]
        finals = self._train(wanted)
        return [
            Weights(
                cell,
                tuple(self.runs),
                join(finals[point * count : (point + 1) * count]),
                snapshots=self.snapshots[point],
            )
            for point, cell in enumerate(self.points)
        ]

    def _train(self, wanted: list[tuple[int, int]]) -> list[Parameters]:
        """Train runs together, or if there is no room for them, one half after the other.

        Args:
            wanted: Places of a cell and of a run, for each.

        Returns:
            Their final parameters; snapshots are kept in their places.
        """
        try:
            with self._placed(wanted) as placed:
                return self._train_placed(wanted, placed)
        except OutOfMemoryError:
            if len(wanted) == 1:
                raise
        half = len(wanted) // 2
        return self._train(wanted[:half]) + self._train(wanted[half:])

    def _train_placed(self, wanted: list[tuple[int, int]], placed: _Placed) -> list[Parameters]:
        count, kept = len(wanted), self.snapshots[0].keys()
        chip = 8 * len(self.words) + self.plan.resident
        last, at_once = 0, _FIRST_LAUNCH
        for stop in sorted({self.training.steps, *kept}):
            while last < stop:
                steps = np.array([last, min(last + at_once, stop)], dtype=np.int64)
                self.gpu.write(placed.steps, steps)
                began = monotonic()
                size = (count, self.workers, chip)
                self.gpu.launch(size, placed.table, placed.flags, len(self.words))
                done = int(steps[1]) - last
                of_a_step = (monotonic() - began) / done
                at_once = max(1, int(_LAUNCH_SECONDS / max(of_a_step, 1e-6)))
                last += done
                self.done += count * done
                if self.progress is not None:
                    self.progress(self.done, self.total)
            if stop in kept:
                for (point, place), now in zip(
                    wanted, self._parameters(count, placed), strict=True
                ):
                    self.snapshots[point][stop].put(place, now)
        return list(self._parameters(count, placed))

    def _parameters(self, count: int, placed: _Placed) -> Iterator[Parameters]:
        """Yield the parameters of each run as they are now."""
        p = np.empty(self.net.size, dtype=np.float32)
        for number in range(count):
            home = placed.memory + number * self.plan.size
            self.gpu.read(home + self.plan.places["p"], p)
            yield read(self.net, p)

    @contextmanager
    def _placed(self, wanted: list[tuple[int, int]]) -> Iterator[_Placed]:
        """Put runs and their tables into the GPU's memory, and free it in the end."""
        taken: list[int] = []

        def place(array: NDArray[np.generic]) -> int:
            taken.append(self.gpu.allocate(array.nbytes))
            self.gpu.write(taken[-1], array)
            return taken[-1]

        try:
            memory = self.gpu.allocate(len(wanted) * self.plan.size)
            taken.append(memory)
            homes = memory + self.plan.size * np.arange(len(wanted), dtype=np.uint64)
            steps = place(np.zeros(2, dtype=np.int64))
            rows = []
            for point in sorted({point for point, _ in wanted}):
                tables, places = images.shared(self.samples[point])
                at = place(tables)
                addresses = {name: at + offset for name, offset in places.items()}
                its = [k for k, (number, _) in enumerate(wanted) if number == point]
                keys = [self._fill(int(homes[k]), *wanted[k]) for k in its]
                rows.append(
                    images.rows(
                        self.samples[point],
                        self.plan,
                        {**addresses, "steps": steps},
                        keys,
                        homes[its],
                    )
                )
            flags = np.array([word.array is not None for word in self.words], dtype=np.uint8)
            yield _Placed(memory, steps, place(np.concatenate(rows)), place(flags))
        finally:
            for address in taken:
                self.gpu.release(address)

    def _fill(self, home: int, point: int, place: int) -> np.uint64:
        """Write what a run's memory holds before its first step; return the run's key."""
        cell, run = self.points[point], self.runs[place]
        p = laid_out(self.net, initial_parameters(cell, run))
        self.gpu.write(home, images.image(self.samples[point]._replace(p=p), self.plan))
        return key_of(cell.run_identity(run))
