"""Records of arrays and numbers, from Python to compiled code."""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.memory import aligned_zeros, as_words, fields


class Inner(NamedTuple):
    flag: bool
    ratio: np.float32
    numbers: NDArray[np.float64]


class Outer(NamedTuple):
    whole: int
    first: Inner
    key: np.uint64
    second: Inner
    seen: NDArray[np.float64]
    counts: NDArray[np.int32]


def _look(outer: Outer) -> int:
    outer.seen[0] = outer.whole
    outer.seen[1] = outer.first.flag
    outer.seen[2] = outer.first.ratio
    outer.seen[3] = outer.first.numbers[1]
    outer.seen[4] = outer.key >> np.uint64(60)
    outer.seen[5] = outer.second.flag
    outer.seen[6] = outer.second.ratio
    outer.seen[7] = outer.second.numbers[0]
    outer.counts[1] += 5
    return outer.whole - 1


look = EntryPoint(Outer, "looking._look")


@pytest.fixture(autouse=True)
def among_the_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have this module for one of the kernels, and keep what is compiled of it apart."""
    monkeypatch.setitem(sys.modules, "superposition.kernels.looking", sys.modules[__name__])
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))


def outer() -> Outer:
    return Outer(
        whole=-3,
        first=Inner(flag=True, ratio=np.float32(0.1), numbers=np.array([1.5, 2.5])),
        key=np.uint64(0xF000000000000001),
        second=Inner(flag=False, ratio=np.float32(-2.0), numbers=np.array([7.25])),
        seen=np.zeros(8),
        counts=np.array([1, 2, 3], dtype=np.int32),
    )


def test_compiled_code_sees_every_field_and_writes_into_arrays() -> None:
    record = outer()
    assert look(record) == -4
    assert record.seen.tolist() == [-3.0, 1.0, np.float32(0.1), 2.5, 15.0, 0.0, -2.0, 7.25]
    assert record.counts.tolist() == [1, 7, 3]


def test_a_record_is_a_table_of_words_with_those_of_inner_records_among_them() -> None:
    table = np.frombuffer(as_words(outer()), dtype=np.int64)
    assert len(table) == 10
    assert table[[0, 1, 5]].tolist() == [-3, 1, 0]
    assert [field.name for field in fields(Outer) if field.array] == ["seen", "counts"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"counts": np.zeros(3, dtype=np.int64)},
        {"seen": np.zeros((8, 2))[:, 0]},
        {"first": (True, np.float32(0.0), np.zeros(2))},
    ],
    ids=["elements of another type", "not contiguous", "another record"],
)
def test_what_compiled_code_would_misread_is_refused(wrong) -> None:
    with pytest.raises(AssertionError, match=next(iter(wrong))):
        look(outer()._replace(**wrong))


def test_another_record_than_the_function_takes_is_refused() -> None:
    with pytest.raises(AssertionError):
        look(outer().first)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_aligned_memory_begins_on_a_cache_line(size: int) -> None:
    memory = aligned_zeros(size, np.float32)
    assert memory.shape == (size,)
    assert memory.ctypes.data % 64 == 0
    assert not memory.any()
