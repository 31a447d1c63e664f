"""Which thread this is, and what lanes of a worker tell each other: GPU words, one function each.

numba's simulator runs threads of Python, and has no words for half a warp; `simulated` has them.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import cuda
from numba.core import config
from numba.cuda import libdevice

from superposition.memory import WIDTH

if not TYPE_CHECKING and config.ENABLE_CUDASIM:
    from superposition.cuda.simulated import (
        bits_of,
        lane,
        lane_total,
        meet_lanes,
        which_lanes,
        worker,
        workers,
    )
else:

    def lane() -> Any:
        """Return which of a vector's numbers is this thread's."""
        return np.int64(cuda.threadIdx.x)

    def worker() -> Any:
        """Return the number of this worker, for memory of its own."""
        return np.int64(cuda.threadIdx.y)

    def workers() -> Any:
        """Return how many workers train this run."""
        return np.int64(cuda.blockDim.y)

    def _first_bit() -> Any:
        """Return which bit of a warp's 32 is this worker's first: a warp holds two workers."""
        return (cuda.threadIdx.y & 1) * WIDTH

    def _mates() -> Any:
        """Return this worker's threads, a bit for each in the warp."""
        return np.uint32(0xFFFF) << np.uint32(_first_bit())

    def meet_lanes() -> None:
        """Wait until all lanes of this worker are here and all they have written is seen."""
        cuda.syncwarp(_mates())

    def lane_total(a: Any) -> Any:
        """Return the sum over the lanes, halves first, in every lane."""
        mates = _mates()
        a = a + cuda.shfl_xor_sync(mates, a, 8)
        a = a + cuda.shfl_xor_sync(mates, a, 4)
        a = a + cuda.shfl_xor_sync(mates, a, 2)
        return a + cuda.shfl_xor_sync(mates, a, 1)

    def which_lanes(condition: Any) -> Any:
        """Return a bit for each lane, set where a condition holds, as an int64 in every lane."""
        bits = np.uint32(cuda.ballot_sync(_mates(), condition))
        return np.int64((bits >> np.uint32(_first_bit())) & np.uint32(0xFFFF))

    def bits_of(number: Any) -> Any:
        """Return the 64 bits of a float64, an int64 that is larger where the number is."""
        return libdevice.double_as_longlong(number)
