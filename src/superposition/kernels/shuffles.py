"""Moves between the lanes of vectors: sums over lanes, and rows exchanged with columns.

`lanes` has the vectors themselves, on which everything else acts lane by lane.
"""

from typing import Any

from llvmlite import ir
from numba.core import types

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import compiled, lanewise
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import share


def _pick(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    """The given lanes of a and b, numbered through, as a vector of their own."""
    index = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
    return builder.shuffle_vector(a, b, index)


def _fold(builder: Any, a: Any, width: int) -> Any:
    """Add the upper half of the lanes to the lower half until `width` are left."""
    while a.type.count > width:
        half = a.type.count // 2
        low = _pick(builder, a, a, list(range(half)))
        high = _pick(builder, a, a, list(range(half, 2 * half)))
        a = builder.fadd(low, high)
    return a


def _sum(builder: Any, a: Any) -> Any:
    return builder.extract_element(_fold(builder, a, 1), ir.IntType(32)(0))


@compiled
def add_lane_sums(typing: Any, target: Any, offset: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Add the `lane_sum`s of four vectors to `target[offset]` … `target[offset + 3]`, at once."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        a, b, c, d = (_fold(builder, vector, 4) for vector in args[2:])
        halves = [
            builder.fadd(
                _pick(builder, left, right, [0, 1, 4, 5]),
                _pick(builder, left, right, [2, 3, 6, 7]),
            )
            for left, right in ((a, b), (c, d))
        ]
        sums = builder.fadd(
            _pick(builder, halves[0], halves[1], [0, 2, 4, 6]),
            _pick(builder, halves[0], halves[1], [1, 3, 5, 7]),
        )
        place = builder.bitcast(builder.gep(args[0], [args[1]]), sums.type.as_pointer())
        builder.store(builder.fadd(builder.load(place, align=4), sums), place, align=4)
        return context.get_dummy_value()

    return types.void(target, types.intp, a, b, c, d), code


def _exchange(builder: Any, rows: list[Any]) -> list[Any]:
    """The columns of eight vectors of eight, by steps for which processors have words."""
    singles = ([0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15])
    pairs = ([0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15])
    halves = ([0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15])
    a = [_pick(builder, rows[k], rows[k + 1], lanes) for k in range(0, 8, 2) for lanes in singles]
    b = [_pick(builder, a[k], a[k + 2], lanes) for k in (0, 1, 4, 5) for lanes in pairs]
    return [_pick(builder, b[k], b[k + 4], lanes) for lanes in halves for k in range(4)]


@compiled
def transpose(
    typing: Any, source: Any, start: Any, row_step: Any, target: Any, place: Any, column_step: Any
) -> Any:
    """Write 16 × 16 numbers with rows and columns exchanged.

    Row r is read at `source[start + row_step · r]`; column c goes to `target[place + column_step ·
    c]`.
    """

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, start, row_step, target, place, column_step = args
        whole = ir.IntType(64)
        half = ir.VectorType(source.type.pointee, 8).as_pointer()

        def at(address: Any, first: Any, step: Any, number: int, beside: int) -> Any:
            offset = builder.add(builder.mul(step, whole(number)), whole(beside))
            return builder.bitcast(builder.gep(address, [builder.add(first, offset)]), half)

        for r in (0, 8):
            for c in (0, 8):
                rows = [
                    builder.load(at(source, start, row_step, r + k, c), align=4) for k in range(8)
                ]
                for k, column in enumerate(_exchange(builder, rows)):
                    builder.store(column, at(target, place, column_step, c + k, r), align=4)
        return context.get_dummy_value()

    whole = types.intp
    return types.void(source, whole, whole, target, whole, whole), code


@subroutine
def lay_by_sample(shape, rows, by_sample, chunks):
    """Copy hidden vectors from chunks `[m̄, 16]` to sample by sample `[16, m̄]`."""
    stride = shape.m_padded
    for at in share(0, chunks * WIDTH * stride, WIDTH * stride):
        for k in range(0, stride, WIDTH):
            transpose(rows, at + k * WIDTH, WIDTH, by_sample, at + k, stride)


@subroutine
def lay_in_chunks(shape, by_sample, rows, chunks):
    """Do the reverse of `lay_by_sample`."""
    stride = shape.m_padded
    for at in share(0, chunks * WIDTH * stride, WIDTH * stride):
        for k in range(0, stride, WIDTH):
            transpose(by_sample, at + k, stride, rows, at + k * WIDTH, WIDTH)


lane_sum = lanewise(_sum, types.float32)
"""Sum over the lanes of float32, halves first."""
lane_sum_of_doubles = lanewise(_sum, types.float64)
"""Sum over the lanes of float64, halves first."""


@subroutine
def add_lane_sum(target, place, a):
    """Add the `lane_sum` of a vector to `target[place]`."""
    target[place] += lane_sum(a)
