"""Compile the kernel to PTX, keep it, and make sure that it rounds as IEEE 754 says."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from superposition.base.canonical import digest
from superposition.base.files import cache_folder
from superposition.base.source_digest import source_digest, versions
from superposition.kernels.compilation import SOURCES, MachineCode, keep
from superposition.kernels.contracts.memory import WIDTH
from superposition.training.cuda import WORKERS, GpuError

_BLOCKS = 4
"""Blocks for which a processor has to have registers: without, the compiler takes all there are."""

_INEXACT = re.compile(
    r"""^ [ \t]+ (?: @!?%p\d+ [ ] )?
    (   mad \S* \. f(?:32|64) | fma \S* \. f64        # a product and a sum, rounded once: the
      | fma (?! \.rn\.f ) \S* \. f32                  # source asks for fma.rn.f32 alone
      | (?: div | sqrt | rcp | add | sub | mul )      # anything that does not say .rn,
        (?! \.rn\.f ) \S* \. f(?:32|64)               # and says that of single numbers alone
      | (?: rsqrt | ex2 | lg2 | sin | cos | tanh ) \S*
      | \S* \. (?: approx | ftz ) \S*                 # subnormal numbers are numbers
    ) \b """,
    re.MULTILINE | re.VERBOSE,
)


def kernel_for(capability: tuple[int, int]) -> MachineCode:
    """The kernel for GPUs of a compute capability, compiled now or earlier."""
    code = source_digest(*SOURCES, "training/cuda")
    compilers = versions("numba", "numba-cuda", "llvmlite", "nvidia-nvvm")
    target = digest(f"{capability} {compilers}")[:8]
    file = cache_folder() / f"{code}-{target}" / "train_runs.ptx"
    return keep(file, lambda: compile_kernel(capability))


def compile_kernel(capability: tuple[int, int]) -> MachineCode:
    """The kernel in PTX, and its name there.

    Raises:
        GpuError: If it cannot be compiled, or an instruction in it does not round as the kernel on
            the processor does.
    """
    from numba import cuda
    from numba.cuda import types

    from superposition.training.cuda.kernel import train_runs
    from superposition.training.cuda.retarget import Retarget

    words, flags = types.CPointer(types.uint64), types.CPointer(types.uint8)
    signature = types.void(words, flags, types.int64)
    try:
        with _target(capability):
            apart, _ = cuda.compile_ptx(
                _product_and_sum, types.float32(*[types.float32] * 3), device=True, cc=capability
            )
            ptx, _ = cuda.compile_ptx(
                Retarget()(train_runs),
                signature,
                device=False,
                cc=capability,
                abi="numba",
                launch_bounds=(WORKERS * WIDTH, _BLOCKS),
            )
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise GpuError(
            f"The kernel could not be compiled for a GPU: {type(error).__name__}: {first}. Use the "
            "versions of workflow/envs/cuda.lock: `make cuda`."
        ) from error
    # In the kernel, the source's own fused operations look like those that a compiler makes.
    found = inexact(ptx) | set(re.findall(r"\bfma\S*", apart))
    if found:
        raise GpuError(
            f"The compiler has made {', '.join(sorted(found))} of + − × ÷ √, which do not round as "
            "they do on the processor. Use the versions of workflow/envs/cuda.lock: `make cuda`."
        )
    [name] = re.findall(r"\.visible \.entry (\w+)\(", ptx)
    return MachineCode(name, ptx.encode())


def _product_and_sum(a: Any, b: Any, c: Any) -> Any:
    """What a compiler that fuses would fuse."""
    return a * b + c


def inexact(ptx: str) -> set[str]:
    """The instructions in PTX that do not round every result to the nearest, on its own."""
    return {found[1] for found in _INEXACT.finditer(ptx)}


@contextmanager
def _target(capability: tuple[int, int]) -> Iterator[None]:
    """Have numba-cuda aim at a GPU that may not be here, and fuse nothing of itself.

    It has no words for either: functions that kernels call are compiled for the GPU that it finds,
    and NVVM is told nothing of fused multiply-adds.
    """
    from numba.cuda import dispatcher
    from numba.cuda.cudadrv import nvvm

    as_it_was: Callable[..., Any] = nvvm.compile_ir
    found: Callable[[], Any] = dispatcher.get_current_device

    def compile_ir(llvmir: Any, **options: Any) -> Any:
        return as_it_was(llvmir, **{**options, "fma": False})

    nvvm.compile_ir = compile_ir
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=capability)
    try:
        yield
    finally:
        nvvm.compile_ir, dispatcher.get_current_device = as_it_was, found
