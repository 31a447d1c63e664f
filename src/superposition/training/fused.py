"""The fused engine: every run of a job by the kernel, runs side by side on threads."""

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from superposition.base import portable_math
from superposition.config.models import MODELS
from superposition.config.settings import Cell
from superposition.kernels.contracts.memory import aligned_zeros
from superposition.kernels.contracts.philox import WEIGHTS
from superposition.kernels.contracts.training import Shape, Training
from superposition.model.parameters import Parameters, join, stack
from superposition.model.weights import Weights
from superposition.sampling.distribution import tabulate
from superposition.sampling.philox import run_key, words
from superposition.sampling.sample import new_scratch
from superposition.sampling.schedule import stage_at, stages
from superposition.training import Progress
from superposition.training.layout import (
    at_stage,
    attack_length,
    new_attack,
    new_tile,
    recipe,
    shape_of,
    train_steps,
)

_STRIDE = 250
"""Steps between two looks at progress and interruption."""


def initial_parameters(cell: Cell, run: int, given: Parameters | None = None) -> Parameters:
    """The weights a run starts from, with a leading axis of one run.

    They are those of the run in what is given; else weights are normal with variance 2 / (n + m),
    times the recipe's `initial_scale`, and biases are 0: Glorot and Bengio's (2010) normal
    initialisation of one model, as in the published notebook (where its scale depends, by an
    accident of shapes, on how many models are trained together). Output biases are normal as well
    if the recipe has an `initial_bias`, their standard deviation.
    """
    if given is not None:
        return given[[run % len(given)]]
    n, m = cell.features.n_features, cell.model.n_hidden
    key = run_key(cell, run)
    scale = np.sqrt(2.0 / (n + m)) * cell.training.initial_scale

    def draw(matrix: int, shape: tuple[int, ...], deviation: float) -> NDArray[np.float32]:
        count = int(np.prod(shape))
        first, second = (words(key, WEIGHTS, matrix, half, count) for half in (0, 1))
        numbers = portable_math.normal((first + 1.0) * 2.0**-32, second * 2.0**-32)
        return np.asarray(deviation * numbers, dtype=np.float32).reshape(shape)

    model = MODELS[cell.model.model]
    bias = cell.training.initial_bias
    return Parameters(
        W=draw(0, (1, m, n), scale),
        b=draw(2, (1, n), bias) if bias else np.zeros((1, n), dtype=np.float32),
        W_out=None if model.tied else draw(1, (1, n, m), scale),
        hidden_bias=np.zeros((1, m), dtype=np.float32) if model.hidden_bias else None,
    )


def laid_out(shape: Shape, initial: Parameters) -> NDArray[np.float32]:
    """The parameters of a run as the kernel has them."""
    p = aligned_zeros(shape.size, np.float32)
    p[: shape.n * shape.m_padded].reshape(shape.n, shape.m_padded)[:, : shape.m] = initial.W[0].T
    if initial.W_out is not None:
        decoder = p[shape.decoder : shape.bias].reshape(shape.n, shape.m_padded)
        decoder[:, : shape.m] = initial.W_out[0]
    p[shape.bias : shape.bias + shape.n] = initial.b[0]
    if initial.hidden_bias is not None:
        p[shape.hidden_bias : shape.hidden_bias + shape.m] = initial.hidden_bias[0]
    return p


def start(cell: Cell, run: int, workers: int = 1, given: Parameters | None = None) -> Training:
    """A run before its first step, to be trained by so many workers (`kernels.workers`)."""
    shape = shape_of(cell.model)
    mean, square = (aligned_zeros(shape.size, np.float32) for _ in range(2))
    first = stage_at(cell, 0)
    made = Training(
        p=laid_out(shape, initial_parameters(cell, run, given)),
        mean=mean,
        square=square,
        shape=shape,
        recipe=recipe(cell.training),
        distribution=tabulate(first.features),
        scratch=new_scratch(shape.n, workers),
        tile=new_tile(shape, cell.training),
        attack=new_attack(shape, attack_length(cell), workers),
        key=run_key(cell, run),
        steps=np.zeros(2, dtype=np.int64),
    )
    return at_stage(made, cell, first)


def read(shape: Shape, p: NDArray[np.float32]) -> Parameters:
    """Parameters in the paper's layout, with a leading axis of one run."""

    def matrix(start: int) -> NDArray[np.float32]:
        rows = p[start : start + shape.n * shape.m_padded].reshape(shape.n, shape.m_padded)
        return rows[None, :, : shape.m]

    def vector(start: int, size: int) -> NDArray[np.float32]:
        return p[None, start : start + size].copy()

    return Parameters(
        W=matrix(0).transpose(0, 2, 1).copy(),
        b=vector(shape.bias, shape.n),
        W_out=matrix(shape.decoder).copy() if shape.decoder > 0 else None,
        hidden_bias=vector(shape.hidden_bias, shape.m) if shape.hidden_biased else None,
    )


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Progress | None = None,
    given: Parameters | None = None,
) -> Weights:
    """The trained weights of runs of a cell; the number of threads changes no bit.

    Progress is told from the threads.

    Raises:
        KeyboardInterrupt: If interrupted; running threads stop within a moment.
    """
    job = _Job(cell, progress, len(runs) * cell.training.steps, given)
    train_steps.load()  # compiling can be interrupted here, but not in a thread
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(runs)))) as pool:
        tasks = [pool.submit(job.train, run) for run in runs]
        try:
            wait(tasks, return_when=FIRST_EXCEPTION)
            finished = [task.result() for task in tasks]
        except BaseException:
            job.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return collect(cell, runs, finished)


def collect(
    cell: Cell, runs: Sequence[int], finished: Sequence[tuple[Parameters, list[Parameters]]]
) -> Weights:
    """The weights of runs of a cell, each of which comes as its last parameters and its snapshots.

    All have a leading axis of one run.
    """
    final = join([last for last, _ in finished])
    by_step = zip(*(snapshots for _, snapshots in finished), strict=True)
    snapshots = [join(of_step) for of_step in by_step]
    return Weights(cell, tuple(runs), final, stack(snapshots) if snapshots else None)


class _Job:
    """What the runs of a job share."""

    def __init__(
        self, cell: Cell, progress: Progress | None, total: int, given: Parameters | None
    ) -> None:
        self.given = given
        self.cell, self.progress, self.total, self.done = cell, progress, total, 0
        self.stopped, self.lock = Event(), Lock()
        self.stages = stages(cell)

    def train(self, number: int) -> tuple[Parameters, list[Parameters]]:
        """Train one run; its parameters after the last step, and its snapshots."""
        run = start(self.cell, number, given=self.given)
        steps, kept = self.cell.training.steps, self.cell.training.snapshots
        stops = sorted({steps, *kept, *range(0, steps, _STRIDE), *self.stages})
        snapshots = []
        for first, last in zip([0, *stops], stops, strict=False):
            if self.stopped.is_set():
                break
            if first in self.stages:
                proceed = train_steps.bind(at_stage(run, self.cell, self.stages[first]))
            run.steps[:] = first, last
            proceed()
            if last in kept:
                snapshots.append(read(run.shape, run.p))
            self._report(last - first)
        return read(run.shape, run.p), snapshots

    def _report(self, steps: int) -> None:
        with self.lock:
            self.done += steps
            if self.progress is not None and steps:
                self.progress(self.done, self.total)
