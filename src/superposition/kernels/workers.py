"""Who does which share of the work.

A vector of sixteen lanes is moved by one *worker*. On the processor there is one worker, which does
everything, and what is here compiles to nothing. On a GPU a block of threads trains a run: sixteen
threads are a worker, one for each lane, and the workers of a block share the work (`cuda.workers`
has the same functions for them). So the arithmetic is written once, and its order is the same.

Code outside of any share is done by all workers alike, and may write only what all write alike.
Between a write by one worker and a read of it by another stands a `barrier`; between lanes of one
worker, a `lane_barrier`.
"""

from superposition.kernels.subroutines import subroutine


@subroutine
def worker():
    """The number of this worker, for memory of its own."""
    return 0


@subroutine
def share(start, stop, step):
    """This worker's share of `range(start, stop, step)`."""
    return range(start, stop, step)


@subroutine
def neighbours(n):
    """How many chunks of n features a worker does best to take at once."""
    return 8 if n <= 32 else 4


@subroutine
def lane_share(count):
    """The share of `range(count)` of one lane of this worker, for work on single numbers."""
    return range(count)


@subroutine
def lane_owns(number):
    """Whether single numbers of this number fall to this lane; other workers do the same."""
    return True


@subroutine
def owns(number):
    """Whether work of this number falls to this worker."""
    return True


@subroutine
def barrier():
    """Wait until all workers are here and all they have written is seen. Not within a share."""


@subroutine
def lane_barrier():
    """Wait until all lanes of this worker are here and all they have written is seen."""
