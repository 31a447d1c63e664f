"""The reference engine on a GPU: torch records a step as a CUDA graph once and replays it.

A step of these models is dozens of tiny operations, each of which would wait for the launch of the
next; a graph launches them together. Torch's deterministic algorithms make the result the same on
the same GPU and version; it is not the fused kernel's, but agrees with it to rounding.
"""

import os
from collections.abc import Callable, Mapping, Sequence

import torch

from superposition.errors import UserError
from superposition.parameters import Parameters
from superposition.settings import Cell
from superposition.training import reference
from superposition.weights import Weights

_WARM_UP = 3
"""Steps before recording, in which torch and its libraries take what memory they want."""


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Callable[[int, int], None] | None,
    snapshots: Mapping[int, Parameters],
) -> Weights:
    """Train runs of a cell one after the other; arguments and result as for the fused engine.

    Raises:
        UserError: If torch finds no GPU.
    """
    if not torch.cuda.is_available():
        raise UserError(
            f"The engine torch-cuda needs a GPU that torch can use; torch {torch.__version__} "
            "finds none. Choose the engine torch, or install a build of torch for your GPU."
        )
    # cuBLAS sums in a fixed order only with memory of a fixed size.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_float32_matmul_precision("highest")
    return reference.train(cell, runs, threads, progress, snapshots, "cuda", _record)


def _record(step: reference.Step) -> Callable[[], None]:
    """Return what replays a step."""
    beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(_WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(beside)
    step.start_again()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
