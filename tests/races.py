"""Finds races in the kernel that numba simulates: threads that use a number without meeting."""

import threading
from collections import defaultdict
from typing import Any

import numpy as np

Clock = tuple[Any, int, int]
"""A thread's block, and how often it has met that, and its own lanes."""
Thread = tuple[int, int]
"""Worker and lane."""


def _clock() -> Clock:
    thread: Any = threading.current_thread()
    return thread._manager, getattr(thread, "met", 0), getattr(thread, "met_lanes", 0)


def _me() -> Thread:
    index: Any = threading.current_thread().threadIdx
    return int(index.y), int(index.x)


def met(what: str) -> None:
    """Note that this thread has met its block (`met`), or the lanes of its worker (`met_lanes`)."""
    thread: Any = threading.current_thread()
    setattr(thread, what, getattr(thread, what, 0) + 1)


def _ordered(one: Thread, then: Clock, other: Thread, now: Clock) -> bool:
    if then[0] is not now[0]:
        return True  # the simulator runs blocks one after the other
    return one == other or then[1] != now[1] or (one[0] == other[0] and then[2] != now[2])


class Races:
    """Everything that went wrong."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._lock = threading.Lock()
        self._written: dict[int, dict[Thread, Clock]] = defaultdict(dict)
        self._read: dict[int, dict[Thread, Clock]] = defaultdict(dict)
        self._value: dict[int, bytes] = {}

    def read(self, address: int, what: str) -> None:
        me, now = _me(), _clock()
        with self._lock:
            writers = self._written[address]
            if writers.get(me) != now:
                for other, then in writers.items():
                    if not _ordered(other, then, me, now):
                        self.found.add(f"{what} read while it may be written")
            self._read[address][me] = now

    def write(self, address: int, value: bytes, what: str) -> None:
        me, now = _me(), _clock()
        with self._lock:
            same = self._value.get(address) == value
            if not same:
                for used, doing in ((self._written, "written"), (self._read, "read")):
                    for other, then in used.pop(address, {}).items():
                        if not _ordered(other, then, me, now):
                            self.found.add(f"{what} written while it may be {doing}")
            self._written[address][me] = now
            self._value[address] = value


class Watched:
    """An array that notes who uses it."""

    def __init__(self, name: str, array: Any, races: Races) -> None:
        self._name, self._array, self._races = name, array, races
        self._start = array.ctypes.data

    def _place(self, index: Any) -> tuple[int, str]:
        assert 0 <= int(index) < self._array.size, f"{self._name}: outside of its memory"
        return self._start + int(index) * self._array.itemsize, self._name

    def __getitem__(self, index: Any) -> Any:
        self._races.read(*self._place(index))
        return self._array[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        address, what = self._place(index)
        self._races.write(address, np.asarray(value, dtype=self._array.dtype).tobytes(), what)
        self._array[index] = value
