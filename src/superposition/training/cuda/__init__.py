"""The fused kernel on a GPU of NVIDIA's: the same source, so the same bytes.

A block of threads trains a run; one launch trains as many runs as there are. Nothing of the
training is written again here: `retarget` takes the functions of `kernels` and has numba-cuda
compile them, with sixteen threads in place of a vector (`lanes`) and several such workers in
a block (`workers`). Products and sums are fused where the source says so and nowhere else, and
division and square root are IEEE 754's: `compiling` sees to that, and looks at what came of it.

This package is imported only where a GPU is to be used.
"""

from superposition.base.errors import UserError

WORKERS = 8
"""Workers to a run: a tile has as many chunks."""


class GpuError(UserError):
    """There is no GPU, it cannot be used, or it failed."""


class OutOfMemoryError(GpuError):
    """What was asked for does not fit into the GPU's memory."""
