"""What `kernels.workers` is for threads: a block is `(16 lanes, workers)`, and trains one run."""

from numba import cuda

from superposition.kernels.contracts.memory import WIDTH
from superposition.training.cuda.intrinsics import lane, lane_barrier, worker, workers

__all__ = [
    "barrier",
    "lane_barrier",
    "lane_owns",
    "lane_share",
    "neighbours",
    "owns",
    "share",
    "worker",
]


def share(start, stop, step):
    """This worker's share of `range(start, stop, step)`."""
    return range(start + worker() * step, stop, workers() * step)


def neighbours(n):
    """How many chunks of n features a worker does best to take at once: there are other workers."""
    return 1


def lane_share(count):
    """The share of `range(count)` of one lane of this worker, for work on single numbers."""
    return range(worker() * WIDTH + lane(), count, workers() * WIDTH)


def lane_owns(number):
    """Whether single numbers of this number fall to this lane; other workers do the same."""
    return number % WIDTH == lane()


def owns(number):
    """Whether work of this number falls to this worker."""
    return number % workers() == worker()


def barrier():
    """Wait until all workers are here and all they have written is seen. Not within a share."""
    cuda.syncthreads()
