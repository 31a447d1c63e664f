"""What machine this is, and what it can do at best."""

import os
import platform
import time
from pathlib import Path
from statistics import median

import torch

from superposition.benchmarks.loops import device_name
from superposition.benchmarks.record import Machine, Rates
from superposition.benchmarks.timing import seconds_of
from superposition.digests import versions

_SIDE = 1024
_COPIED = 1 << 26


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> Machine:
    """Return the name of everything that decides how fast it is."""
    return Machine(
        processor=_cpu_field("model name") or platform.processor() or platform.machine(),
        cores=cores(),
        vectors=_vectors(),
        system=f"{platform.system()} {platform.release()}",
        device=device_name(),
        versions=f"Python {platform.python_version()}, "
        + ", ".join(versions(name) for name in ("torch", "numpy", "numba", "llvmlite"))
        + (f", {jax}" if "==" in (jax := versions("jax")) else ""),
        load=round(os.getloadavg()[0], 2),
    )


def _cpu_field(name: str) -> str:
    """Return a field of the first processor, where the system tells (Linux)."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in fields if key.strip() == name), "")


def _vectors() -> str:
    flags = _cpu_field("flags").split()
    names = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX", "sse2": "SSE2"}
    return next((name for flag, name in names.items() if flag in flags), "unknown vectors")


class Gauge:
    """Measures the machine's rates, a little at a time, between other measurements."""

    def __init__(self, threads: int, side: int = _SIDE, copied: int = _COPIED) -> None:
        """Prepare a product of square matrices, and arrays too large for any cache."""
        self.threads, self.side, self.copied = threads, side, copied
        self.a, self.b, self.c = (torch.rand(side, side) for _ in range(3))
        self.source, self.target = (torch.ones(copied // 4) for _ in range(2))
        self.found: dict[str, list[float]] = {}

    def read(self) -> None:
        """Take one reading of everything."""
        for name, threads in (("one", 1), ("all", self.threads)):
            torch.set_num_threads(threads)
            self._multiply()
            taken = seconds_of(self._multiply)
            self.found.setdefault(f"product_{name}", []).append(2.0 * self.side**3 / taken)
            taken = seconds_of(self.target.copy_, self.source)
            self.found.setdefault(f"copy_{name}", []).append(2.0 * self.copied / taken)

    def _multiply(self) -> None:
        torch.mm(self.a, self.b, out=self.c)

    def rates(self) -> Rates:
        """Return the medians of all readings."""
        return Rates(**{name: float(f"{median(v):.4g}") for name, v in self.found.items()})


def today() -> str:
    """Return the date."""
    return time.strftime("%Y-%m-%d")
