"""The fused engine: every run of a job by the kernel, runs side by side on threads."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from superposition import exact
from superposition.drawing import new_room
from superposition.features import Draws, tabulate
from superposition.memory import aligned_zeros
from superposition.model import MODELS
from superposition.parameters import Parameters, join
from superposition.philox import WEIGHTS, key_of, words
from superposition.settings import Cell
from superposition.training.attacked import attack_length, new_attack
from superposition.training.kernel import Training, train_steps
from superposition.training.layout import Network, Recipe, network, new_tile, recipe
from superposition.weights import Weights

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all, summed over runs."""

_STRIDE = 250
"""Steps between two looks at progress and interruption."""


def initial_parameters(cell: Cell, run: int) -> Parameters:
    """Return the weights a run starts from: normal with variance 2 / (n + m), and biases of 0.

    The recipe's `initial_scale` multiplies them.

    That is Glorot and Bengio's (2010) normal initialisation of one model, as in the published
    notebook (where its scale depends, by an accident of shapes, on how many models are trained
    together).

    Returns:
        Parameters with a leading axis of one run.
    """
    n, m = cell.features.n_features, cell.model.n_hidden
    key = key_of(cell.run_identity(run))
    scale = np.sqrt(2.0 / (n + m)) * cell.training.initial_scale

    def draw(matrix: int) -> NDArray[np.float32]:
        first, second = (words(key, WEIGHTS, matrix, half, n * m) for half in (0, 1))
        numbers = exact.normal((first + 1.0) * 2.0**-32, second * 2.0**-32)
        return np.asarray(scale * numbers, dtype=np.float32)

    model = MODELS[cell.model.model]
    return Parameters(
        W=draw(0).reshape(1, m, n),
        b=np.zeros((1, n), dtype=np.float32),
        W_out=None if model.tied else draw(1).reshape(1, n, m),
        hidden_bias=np.zeros((1, m), dtype=np.float32) if model.hidden_bias else None,
    )


def laid_out(net: Network, initial: Parameters) -> NDArray[np.float32]:
    """Return the parameters of a run, all biases 0, as the kernel has them."""
    p = aligned_zeros(net.size, np.float32)
    p[: net.n * net.m_padded].reshape(net.n, net.m_padded)[:, : net.m] = initial.W[0].T
    if initial.W_out is not None:
        decoder = p[net.decoder : net.bias].reshape(net.n, net.m_padded)
        decoder[:, : net.m] = initial.W_out[0]
    return p


def start(
    cell: Cell,
    net: Network,
    steps: Recipe,
    draws: Draws,
    length: float,
    run: int,
    workers: int = 1,
) -> Training:
    """Return a run before its first step.

    Args:
        cell: Settings.
        net: Its model.
        steps: Its optimiser.
        draws: Its distribution of x.
        length: Length of the attacks on it.
        run: Number of the run.
        workers: How many train it together (`kernels.workers`).
    """
    p = laid_out(net, initial_parameters(cell, run))
    mean, square = (aligned_zeros(net.size, np.float32) for _ in range(2))
    return Training(
        p=p,
        mean=mean,
        square=square,
        net=net,
        recipe=steps,
        draws=draws,
        room=new_room(net.n, workers),
        tile=new_tile(net, cell.model, cell.training),
        attack=new_attack(net, length, workers),
        key=key_of(cell.run_identity(run)),
        steps=np.zeros(2, dtype=np.int64),
    )


def read(net: Network, p: NDArray[np.float32]) -> Parameters:
    """Return parameters in the paper's layout, with a leading axis of one run."""
    matrix = net.n * net.m_padded
    weights = p[:matrix].reshape(net.n, net.m_padded)[:, : net.m].T.copy()
    untied = net.decoder > 0
    decoder = p[net.decoder : net.bias].reshape(net.n, net.m_padded)[:, : net.m].copy()
    bias = p[net.bias : net.bias + net.n].copy()
    hidden_bias = p[net.hidden_bias : net.hidden_bias + net.m].copy()
    return Parameters(
        weights[None],
        bias[None],
        decoder[None] if untied else None,
        hidden_bias[None] if net.hidden_biased else None,
    )


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Progress | None,
    snapshots: Mapping[int, Parameters],
) -> Weights:
    """Train runs of a cell and return their weights; the number of threads changes no bit.

    Args:
        cell: What to train.
        runs: Numbers of the runs.
        threads: Runs trained at the same time.
        progress: Called now and then, from the threads.
        snapshots: Where parameters of these runs go, after which steps.

    Raises:
        KeyboardInterrupt: If interrupted; running threads stop within a moment.
    """
    net = network(cell.model)
    total = len(runs) * cell.training.steps
    job = _Job(
        cell, net, recipe(cell.training), tabulate(cell.features), progress, total, snapshots
    )
    train_steps.load()  # compiling can be interrupted here, but not in a thread
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(runs)))) as pool:
        tasks = [pool.submit(job.train, place, run) for place, run in enumerate(runs)]
        try:
            wait(tasks, return_when=FIRST_EXCEPTION)
            finished = [task.result() for task in tasks]
        except BaseException:
            job.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return Weights(cell, tuple(runs), join(finished), snapshots=snapshots)


class _Job:
    """What the runs of a job share."""

    def __init__(
        self,
        cell: Cell,
        net: Network,
        steps: Recipe,
        draws: Draws,
        progress: Progress | None,
        total: int,
        snapshots: Mapping[int, Parameters],
    ) -> None:
        self.cell, self.net, self.recipe, self.draws = cell, net, steps, draws
        self.attack_length = attack_length(cell)
        self.snapshots = snapshots
        self.progress, self.total, self.done = progress, total, 0
        self.stopped, self.lock = Event(), Lock()

    def train(self, place: int, number: int) -> Parameters:
        """Train one run, keep its snapshots in their place, and return its final parameters."""
        run = start(self.cell, self.net, self.recipe, self.draws, self.attack_length, number)
        proceed = train_steps.bind(run)
        steps = self.cell.training.steps
        stops = sorted({0, steps, *self.snapshots, *range(0, steps, _STRIDE)})
        for first, last in zip([0, *stops], stops, strict=False):
            if self.stopped.is_set():
                break
            run.steps[:] = first, last
            proceed()
            if last in self.snapshots:
                self.snapshots[last].put(place, read(self.net, run.p))
            self._report(last - first)
        return read(self.net, run.p)

    def _report(self, steps: int) -> None:
        with self.lock:
            self.done += steps
            if self.progress is not None and steps:
                self.progress(self.done, self.total)
