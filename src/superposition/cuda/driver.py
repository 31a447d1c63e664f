"""A GPU through NVIDIA's driver, by the names that its documentation gives."""

import ctypes
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.cuda.compiling import kernel_for
from superposition.cuda.device import GpuError, OutOfMemoryError
from superposition.memory import WIDTH

_OLDEST = (7, 0)
"""Compute capability from which on the threads of a warp may go separate ways and meet again."""

_ELSE = "To train on the processor, with the same bytes, choose the engine fused."


def count() -> int:
    """Return the number of GPUs.

    Raises:
        GpuError: If there is no driver, or no package to reach it.
    """
    found = int(_call("cuDeviceGetCount"))
    if not found:
        raise GpuError(f"NVIDIA's driver finds no GPU (CUDA_VISIBLE_DEVICES may hide it). {_ELSE}")
    return found


class NvidiaGpu:
    """One of them, until it is closed."""

    def __init__(self, number: int) -> None:
        """Take a GPU by its number.

        Raises:
            GpuError: If it cannot be used.
        """
        self._device = _call("cuDeviceGet", number)
        name = _call("cuDeviceGetName", 128, self._device)
        self.name = f"{name.split(bytes(1))[0].decode()} (GPU {number})"
        self.capability = (
            self._attribute("COMPUTE_CAPABILITY_MAJOR"),
            self._attribute("COMPUTE_CAPABILITY_MINOR"),
        )
        if self.capability < _OLDEST:
            raise GpuError(
                f"{self.name} has compute capability {self.capability[0]}.{self.capability[1]}; "
                f"at least {_OLDEST[0]}.{_OLDEST[1]} is needed. {_ELSE}"
            )
        self.chip_bytes = self._attribute("MAX_SHARED_MEMORY_PER_BLOCK_OPTIN")
        _call("cuCtxSetCurrent", _call("cuDevicePrimaryCtxRetain", self._device))

    def _attribute(self, name: str) -> int:
        attribute = _driver().CUdevice_attribute[f"CU_DEVICE_ATTRIBUTE_{name}"]
        return int(_call("cuDeviceGetAttribute", attribute, self._device))

    @cached_property
    def _kernel(self) -> Any:
        code = kernel_for(self.capability)
        module = _call("cuModuleLoadData", code.object_file + bytes(1))
        kernel = _call("cuModuleGetFunction", module, code.symbol.encode())
        limit = "CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES"
        _call("cuFuncSetAttribute", kernel, _driver().CUfunction_attribute[limit], self.chip_bytes)
        return kernel

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes of memory."""
        return int(_call("cuMemAlloc", size))

    def release(self, address: int) -> None:
        """Give memory back; after a failure there is nothing to give, and nothing to say."""
        _driver().cuMemFree(address)

    def write(self, address: int, array: NDArray[Any]) -> None:
        """Copy an array to the GPU."""
        source = np.ascontiguousarray(array)
        _call("cuMemcpyHtoD", address, source.ctypes.data, source.nbytes)

    def read(self, address: int, array: NDArray[Any]) -> None:
        """Copy from the GPU into an array."""
        assert array.flags.c_contiguous
        _call("cuMemcpyDtoH", array.ctypes.data, address, array.nbytes)

    def launch(self, size: tuple[int, int, int], table: int, flags: int, words: int) -> None:
        """Run the kernel and wait for it (see `device.Gpu`)."""
        blocks, workers, chip = size
        types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        arguments = ((table, flags, words), types)
        grid, block = (blocks, 1, 1), (WIDTH, workers, 1)
        _call("cuLaunchKernel", self._kernel, *grid, *block, chip, 0, arguments, 0)
        _call("cuCtxSynchronize")

    def close(self) -> None:
        """Let go of the GPU."""
        _driver().cuDevicePrimaryCtxRelease(self._device)


def _driver() -> Any:
    """Return NVIDIA's bindings of the driver, ready for use.

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
            f"The GPU's memory is full, though only one run was to be trained ({name}). Other "
            f"programs may use it: see nvidia-smi. {_ELSE}"
        )
    if status.name in ("CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "CUDA_ERROR_INVALID_PTX"):
        _, version = driver.cuDriverGetVersion()
        raise GpuError(
            f"NVIDIA's driver is too old for the kernel: it is of CUDA {version // 1000}."
            f"{version % 1000 // 10} ({status.name}). Update it. {_ELSE}"
        )
    if status:
        raise GpuError(
            f"The GPU failed: {status.name} in {name}. Nothing was written, and what was finished "
            f"before is kept: run the same command again. {_ELSE}"
        )
    return results[0] if results else None
