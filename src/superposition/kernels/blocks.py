"""Matrix products in blocks: sums that registers hold side by side.

A number that is loaded is used for several sums, and no sum waits for the one before it; that makes
products fast. How many sums are in a block depends on the registers of the processor. The order of
each sum, which decides its bits, does not: it is that of the steps.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.core import cgutils, types

from superposition.kernels.lanes import (
    compiled,
    load_vector,
    multiply_and_add,
    splat_at,
    store_vector,
)
from superposition.kernels.subroutines import subroutine
from superposition.kernels.target import target

_ROWS = 6
"""Rows of sums in a block; rows left over are a block of their own."""


class Walk(NamedTuple):
    """Where the numbers of an operand lie.

    That of row or column j in step t of round s is at `at + j · across + t · step + s · leap`; sums
    stay where they are, and `step` leads from column to column.
    """

    array: Any
    at: int
    across: int
    step: int
    leap: int


class Emitters(NamedTuple):
    """LLVM code for what is done with vectors; an address is a pointer and an offset in numbers."""

    load: Callable[[Any, Any, Any], Any]
    store: Callable[[Any, Any, Any, Any], None]
    splat: Callable[[Any, Any, Any], Any]
    multiply_add: Callable[[Any, Any, Any, Any], Any]


def product_adder(emit: Emitters, columns_of: Callable[[int], int]) -> Any:
    """The LLVM code of `add_products`.

    Args:
        emit: How to work with vectors.
        columns_of: How many columns of sums a block of so many rows has; asked when compiling.
    """

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, factors, vectors = (Walk(*cgutils.unpack_tuple(builder, walk)) for walk in args[:3])
        rows, columns, *steps = args[3:]
        whole = rows.type

        def add_rows(number: int, first: Any) -> None:
            walks = (_from(builder, out, first), _from(builder, factors, first), vectors)
            width = columns_of(number)
            rest = builder.srem(columns, whole(width))
            blocked = builder.sub(columns, rest)
            for start, stop, size in ((whole(0), blocked, width), (blocked, columns, 1)):
                with cgutils.for_range_slice(builder, start, stop, whole(size)) as (column, _):
                    _add_block(emit, builder, walks, (number, size), column, *steps)

        rest = builder.srem(rows, whole(_ROWS))
        blocked = builder.sub(rows, rest)
        with cgutils.for_range_slice(builder, whole(0), blocked, whole(_ROWS)) as (row, _):
            add_rows(_ROWS, row)
        for number in range(1, _ROWS):
            with builder.if_then(builder.icmp_signed("==", rest, whole(number))):
                add_rows(number, blocked)
        return context.get_dummy_value()

    return code


def _add_block(
    emit: Emitters,
    builder: Any,
    walks: tuple[Walk, Walk, Walk],
    size: tuple[int, int],
    column: Any,
    count: Any,
    rounds: Any,
    anew: Any,
) -> None:
    """A block from a column on: load its sums, add the products of all steps, store them."""
    out, factors, vectors = walks
    rows, columns = (range(length) for length in size)

    def place(start: Any, *ways: tuple[Any, Any]) -> Any:
        for step, number in ways:
            start = builder.add(start, builder.mul(step, number))
        return start

    def beside(start: Any, step: Any, number: int) -> Any:
        return place(start, (step, step.type(number)))

    first = place(out.at, (out.step, column))
    places = [beside(beside(first, out.across, r), out.step, c) for r in rows for c in columns]
    sums = []
    for at in places:
        before = emit.load(builder, out.array, at)
        start = builder.select(anew, before.type(None), before)
        sums.append(cgutils.alloca_once_value(builder, start))
    with cgutils.for_range(builder, rounds) as outer, cgutils.for_range(builder, count) as inner:
        leap, step = outer.index, inner.index
        at = place(vectors.at, (vectors.across, column), (vectors.leap, leap), (vectors.step, step))
        loaded = [emit.load(builder, vectors.array, beside(at, vectors.across, c)) for c in columns]
        at = place(factors.at, (factors.leap, leap), (factors.step, step))
        for r in rows:
            factor = emit.splat(builder, factors.array, beside(at, factors.across, r))
            for c in columns:
                total = sums[r * len(columns) + c]
                added = emit.multiply_add(builder, factor, loaded[c], builder.load(total))
                builder.store(added, total)
    for at, total in zip(places, sums, strict=True):
        emit.store(builder, builder.load(total), out.array, at)


def _from(builder: Any, walk: Walk, row: Any) -> Walk:
    """A walk from a row on."""
    return walk._replace(at=builder.add(walk.at, builder.mul(walk.across, row)))


def signature_of(kinds: Any, out: Any, factors: Any, vectors: Any) -> Any:
    """The type of `add_products`, in the words of a compiler."""
    whole = kinds.int64
    return kinds.void(out, factors, vectors, whole, whole, whole, whole, kinds.boolean)


def _columns(rows: int) -> int:
    """Six vectors are twelve registers of the sixteen where a register holds half a vector."""
    return min((12 if target().wide else 6) // rows, 4)


@compiled
def _add_products(
    typing: Any,
    out: Any,
    factors: Any,
    vectors: Any,
    rows: Any,
    columns: Any,
    count: Any,
    rounds: Any,
    anew: Any,
) -> Any:
    emit = Emitters(load_vector, store_vector, splat_at, multiply_and_add)
    return signature_of(types, out, factors, vectors), product_adder(emit, _columns)


@subroutine
def add_products(out, factors, vectors, rows, columns, count, rounds, anew):
    """Add to each sum out[r, c] the products factors[r] · vectors[c], rounded once with the sum.

    Args:
        out: Where the sums lie; row by row and column by column, a vector each.
        factors: Where the numbers lie that are the same in all lanes, row by row.
        vectors: Where the vectors lie, column by column.
        rows: Number of rows.
        columns: Number of columns.
        count: Steps of a round.
        rounds: Number of rounds.
        anew: Whether to begin at zero instead of at what is there.
    """
    _add_products(out, factors, vectors, rows, columns, count, rounds, anew)
