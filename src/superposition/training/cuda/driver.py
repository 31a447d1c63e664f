"""A GPU through NVIDIA's driver, by the names that its documentation gives."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base.canonical import digest
from superposition.kernels.contracts.memory import WIDTH
from superposition.training.cuda import GpuError, OutOfMemoryError
from superposition.training.cuda.compiling import kernel_for

_OLDEST_GPU = (7, 5)
"""Compute capability from which on NVIDIA's compiler makes code."""
_OLDEST_DRIVER = 13_000
"""CUDA's version of the drivers that take the PTX it makes: 13.0, as the driver counts."""

_ELSE = "To train on the processor, with the same bytes, choose the engine fused."


def usable() -> list[int]:
    """The numbers of the GPUs that can be used.

    Raises:
        GpuError: If there is none; it says what is missing.
    """
    if find_spec("numba_cuda") is None:
        raise GpuError(f"To use a GPU, run `make cuda` (numba-cuda is not installed). {_ELSE}")
    version = int(_call("cuDriverGetVersion"))
    if version < _OLDEST_DRIVER:
        raise GpuError(
            f"NVIDIA's driver is too old: it is of CUDA {version // 1000}.{version % 1000 // 10}, "
            f"and 13.0 is needed. Update it. {_ELSE}"
        )
    numbers = range(int(_call("cuDeviceGetCount")))
    found = [number for number in numbers if _capability(number) >= _OLDEST_GPU]
    if not found:
        capability = "compute capability {}.{}"
        names = [f"{_name(k)} ({capability.format(*_capability(k))})" for k in numbers]
        raise GpuError(
            f"NVIDIA's driver finds {', '.join(names) or 'no GPU (see CUDA_VISIBLE_DEVICES)'}; "
            f"{capability.format(*_OLDEST_GPU)} is needed. {_ELSE}"
        )
    return found


def _name(number: int) -> str:
    name: bytes = _call("cuDeviceGetName", 128, _call("cuDeviceGet", number))
    return name.split(bytes(1))[0].decode()


def _attribute(number: int, name: str) -> int:
    attribute = getattr(_driver().CUdevice_attribute, f"CU_DEVICE_ATTRIBUTE_{name}")
    return int(_call("cuDeviceGetAttribute", attribute, _call("cuDeviceGet", number)))


def _capability(number: int) -> tuple[int, int]:
    major, minor = (f"COMPUTE_CAPABILITY_{part}" for part in ("MAJOR", "MINOR"))
    return _attribute(number, major), _attribute(number, minor)


def identity(number: int) -> str:
    """What tells a GPU from all others, whatever its number is in this process."""
    uuid = _call("cuDeviceGetUuid", _call("cuDeviceGet", number))
    return bytes(uuid.bytes).hex()


@contextmanager
def opened(number: int) -> Iterator["NvidiaGpu"]:
    """Lend a GPU by its number."""
    driver, device = _driver(), _call("cuDeviceGet", number)
    context = _call("cuDevicePrimaryCtxRetain", device)
    modules: list[Any] = []
    try:
        _call("cuCtxSetCurrent", context)
        yield NvidiaGpu(number, modules)
    finally:
        with suppress(Exception):  # after a failure there is nothing left to give back
            for module in modules:
                driver.cuModuleUnload(module)
            driver.cuCtxSetCurrent(driver.CUcontext(0))
            driver.cuDevicePrimaryCtxRelease(device)


class NvidiaGpu:
    """A GPU whose context is this thread's; a block can have `chip_bytes` of memory on the chip."""

    def __init__(self, number: int, modules: list[Any]) -> None:
        """Take a GPU by its number, and a list to note what has been loaded."""
        self.name = f"{_name(number)} (GPU {number})"
        self.capability = _capability(number)
        self.chip_bytes = _attribute(number, "MAX_SHARED_MEMORY_PER_BLOCK_OPTIN")
        self._modules = modules

    @property
    def identity(self) -> str:
        """What decides what the GPU computes: its kind, the driver and the kernel."""
        version, code = _call("cuDriverGetVersion"), kernel_for(self.capability)
        kind = self.name.partition(" (")[0]
        return f"{kind}, driver {version}, kernel {digest(code.object_file.decode())[:16]}"

    @cached_property
    def _kernel(self) -> Any:
        code = kernel_for(self.capability)
        self._modules.append(_call("cuModuleLoadData", code.object_file + bytes(1)))
        kernel = _call("cuModuleGetFunction", self._modules[-1], code.symbol.encode())
        most = _driver().CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        _call("cuFuncSetAttribute", kernel, most, self.chip_bytes)
        return kernel

    def allocate(self, size: int) -> int:
        """The address of so many bytes of memory."""
        return int(_call("cuMemAlloc", size))

    def release(self, address: int) -> None:
        """Give memory back; after a failure there is none to give back."""
        with suppress(GpuError):
            _call("cuMemFree", address)

    def write(self, address: int, array: NDArray[Any]) -> None:
        """Copy an array to the GPU."""
        source = np.ascontiguousarray(array)
        _call("cuMemcpyHtoD", address, source.ctypes.data, source.nbytes)

    def read(self, address: int, array: NDArray[Any]) -> None:
        """Copy from the GPU into an array."""
        assert array.flags.c_contiguous
        _call("cuMemcpyDtoH", array.ctypes.data, address, array.nbytes)

    def launch(self, size: tuple[int, int, int], table: int, flags: int, words: int) -> None:
        """Run the kernel (`kernel.train_runs`, with two addresses) and wait for it.

        The size is in blocks, workers in each, and bytes on the chip for each.
        """
        blocks, workers, chip = size
        types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        arguments = ((table, flags, words), types)
        grid, block = (blocks, 1, 1), (WIDTH, workers, 1)
        _call("cuLaunchKernel", self._kernel, *grid, *block, chip, 0, arguments, 0)
        _call("cuCtxSynchronize")


def _driver() -> Any:
    """NVIDIA's bindings of the driver, ready for use.

    Raises:
        GpuError: If they, or the driver, are not there.
    """
    try:
        from cuda.bindings import driver
    except ImportError as error:
        raise GpuError(f"To use a GPU, run `make cuda` ({error}). {_ELSE}") from error
    try:
        status, *_ = driver.cuInit(0)
    except Exception as error:  # what the bindings raise without a driver differs by version
        raise GpuError(f"NVIDIA's driver cannot be used: {error} {_ELSE}") from error
    if status:
        raise GpuError(f"NVIDIA's driver cannot be used: {status.name}. {_ELSE}")
    return driver


def _call(name: str, *arguments: Any) -> Any:
    """Call a function of the driver; return what it returns beside its status.

    Raises:
        OutOfMemoryError: If the GPU's memory is full.
        GpuError: If anything else fails.
    """
    driver = _driver()
    try:
        status, *results = getattr(driver, name)(*arguments)
    except RuntimeError as error:  # the driver is older than the function
        raise GpuError(f"NVIDIA's driver is too old: {error}. Update it. {_ELSE}") from error
    if status.name == "CUDA_ERROR_OUT_OF_MEMORY":
        raise OutOfMemoryError(
            f"The GPU's memory is full ({name}), with as few runs at once as can be. Other "
            f"programs may use it: see nvidia-smi. {_ELSE}"
        )
    if status:
        raise GpuError(
            f"The GPU failed: {status.name} in {name}. Nothing was written, and what was finished "
            f"before is kept: run the same command again. {_ELSE}"
        )
    return results[0] if results else None
