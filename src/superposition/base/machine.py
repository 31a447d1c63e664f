"""The machine that this process runs on."""

import os
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def memory() -> int:
    """The memory that this process may use, in bytes: the machine's, or what a container allows."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        own = next(line for line in lines if line.startswith("0::")).removeprefix("0::/")
        for group in (_GROUPS / own, *(_GROUPS / own).parents):
            # A group without a limit says `max`.
            with suppress(OSError, ValueError):
                found = min(found, int((group / "memory.max").read_text(encoding="ascii")))
    return found


def cores() -> int:
    """How many cores this process may use; macOS only tells how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
