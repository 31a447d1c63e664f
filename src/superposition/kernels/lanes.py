"""Vectors of sixteen numbers for numba, with strict IEEE 754 arithmetic.

The fused kernel works on sixteen samples at a time. Written as plain loops, that depends on the
compiler's vectoriser, which gives up when it cannot prove that arrays do not overlap. Here a vector
is a type of its own: `load` reads sixteen neighbouring numbers, `+ - * /` act on each lane alone,
`store` writes them back. LLVM turns a vector into whatever registers the processor has (four SSE,
two AVX, one AVX-512); since no operation may be reordered, and a product and a sum are rounded once
where the source says `multiply_add` and nowhere else, every processor gives the same bits.

A vector is `Lanes` of float32, float64, uint32 or uint64. Offsets count single numbers, not
vectors; memory is reached through pointers, and nothing is bounds-checked.
"""

import inspect
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.datamodel.registry import register_default
from numba.extending import intrinsic, overload

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.subroutines import OPTIONS
from superposition.kernels.target import target


class Lanes(types.Type):
    """The numba type of a vector of `WIDTH` numbers of one scalar type."""

    def __init__(self, dtype: types.Type) -> None:
        """Name the type after its scalar."""
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_default(Lanes)
class _LanesModel(models.PrimitiveModel):
    """A vector is held as one LLVM vector value."""

    def __init__(self, manager: Any, kind: Lanes) -> None:
        scalar = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(scalar, WIDTH))


compiled: Any = intrinsic
"""numba passes the first parameter of an intrinsic itself, which a type checker cannot know."""

FLOATS = Lanes(types.float32)
DOUBLES = Lanes(types.float64)
WORDS = Lanes(types.uint32)
WIDE = Lanes(types.uint64)


def vector_at(builder: Any, address: Any, offset: Any) -> Any:
    """The address of element `offset`, as that of a vector."""
    element = builder.gep(address, [offset])
    return builder.bitcast(element, ir.VectorType(address.type.pointee, WIDTH).as_pointer())


def _splat(builder: Any, scalar: Any) -> Any:
    """A vector whose lanes all hold `scalar`."""
    vector = ir.VectorType(scalar.type, WIDTH)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def load_vector(builder: Any, address: Any, offset: Any) -> Any:
    """The vector that begins at element `offset`."""
    return builder.load(vector_at(builder, address, offset), align=4)


def store_vector(builder: Any, value: Any, address: Any, offset: Any) -> None:
    """Write a vector to where element `offset` is."""
    builder.store(value, vector_at(builder, address, offset), align=4)


def splat_at(builder: Any, address: Any, offset: Any) -> Any:
    """A vector whose lanes all hold element `offset`."""
    return _splat(builder, builder.load(builder.gep(address, [offset])))


def multiply_and_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """The float32 a · b + c, rounded once, in each lane."""
    if target().fuses:
        kind = a.type
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.v{WIDTH}f32"
        )
        return builder.call(function, [a, b, c])
    return _multiply_and_add_slowly(builder, a, b, c)


def _multiply_and_add_slowly(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """The same without an operation for it: in float64, where the product is exact.

    The sum is rounded to odd: towards zero, and then its last bit is set if that has left anything
    out. Rounding it once more, to float32, rounds as if there had been no step between (Boldo and
    Melquiond 2008).
    """
    double = ir.VectorType(ir.DoubleType(), WIDTH)
    word = ir.VectorType(ir.IntType(64), WIDTH)
    zero = ir.Constant(double, None)
    a, b, c = (builder.fpext(value, double) for value in (a, b, c))
    product = builder.fmul(a, b)
    total = builder.fadd(product, c)
    # What rounding to the nearest has left out, exactly (Knuth's two-sum).
    of_c = builder.fsub(total, product)
    of_product = builder.fsub(total, of_c)
    rest = builder.fadd(builder.fsub(product, of_product), builder.fsub(c, of_c))

    def are(first: str, second: str) -> Any:
        return builder.and_(
            builder.fcmp_ordered(first, rest, zero), builder.fcmp_ordered(second, total, zero)
        )

    away_from_zero = builder.sext(builder.or_(are("<", ">"), are(">", "<")), word)
    inexact = builder.zext(builder.fcmp_ordered("!=", rest, zero), word)
    bits = builder.add(builder.bitcast(total, word), away_from_zero)  # a step back is −1
    odd = builder.bitcast(builder.or_(bits, inexact), double)
    return builder.fptrunc(odd, ir.VectorType(ir.FloatType(), WIDTH))


@compiled
def load(typing: Any, source: Any, offset: Any) -> Any:
    """The vector of `source[offset]` … `source[offset + WIDTH - 1]`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return load_vector(builder, args[0], args[1])

    return Lanes(source.dtype)(source, types.intp), code


@compiled
def store(typing: Any, target: Any, offset: Any, value: Any) -> Any:
    """Write a vector to `target[offset]` … `target[offset + WIDTH - 1]`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        store_vector(builder, args[2], args[0], args[1])
        return context.get_dummy_value()

    return types.void(target, types.intp, value), code


@compiled
def splat(typing: Any, source: Any, offset: Any) -> Any:
    """A vector whose lanes all hold `source[offset]`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return splat_at(builder, args[0], args[1])

    return Lanes(source.dtype)(source, types.intp), code


@compiled
def spread(typing: Any, scalar: Any) -> Any:
    """A vector whose lanes all hold `scalar`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return Lanes(scalar)(scalar), code


@compiled
def like(typing: Any, vector: Any, number: Any) -> Any:
    """A vector of the kind of another, whose lanes all hold a number, rounded to it."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        scalar = context.cast(builder, args[1], types.float64, vector.dtype)
        return _splat(builder, scalar)

    return vector(vector, types.float64), code


@compiled
def lane_numbers(typing: Any) -> Any:
    """The vector 0, 1, …, WIDTH − 1 of uint64."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(ir.VectorType(ir.IntType(64), WIDTH), list(range(WIDTH)))

    return WIDE(), code


def lanewise(emit: Callable[..., Any], result: Any = None) -> Any:
    """Make an intrinsic that acts on vectors lane by lane.

    Args:
        emit: `emit(builder, *vectors)` returns the LLVM value.
        result: Type of the result; that of the last operand unless told.
    """

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return emit(builder, *args)

    def one(typing: Any, a: Any) -> Any:
        return (result or a)(a), code

    def two(typing: Any, a: Any, b: Any) -> Any:
        return (result or b)(a, b), code

    def three(typing: Any, a: Any, b: Any, c: Any) -> Any:
        return (result or c)(a, b, c), code

    operands = len(inspect.signature(emit).parameters) - 1
    return compiled((one, two, three)[operands - 1])


def _constant(vector: Any, value: float) -> Any:
    return ir.Constant(vector.type, [value] * WIDTH)


def _multiply_low(builder: Any, a: Any, b: Any) -> Any:
    mask = _constant(a, 0xFFFFFFFF)
    return builder.mul(builder.and_(a, mask), builder.and_(b, mask))


def _llvm(name: str) -> Callable[..., Any]:
    """An emitter of LLVM's own lanewise function (`llvm.sqrt` is correctly rounded)."""

    def emit(builder: Any, a: Any) -> Any:
        signature = ir.FunctionType(a.type, [a.type])
        bits = 32 if a.type.element == ir.FloatType() else 64
        full_name = f"{name}.v{WIDTH}f{bits}"
        function = cgutils.get_or_insert_function(builder.module, signature, full_name)
        return builder.call(function, [a])

    return emit


_FORMATS = {ir.FloatType(): (32, 23, 127), ir.DoubleType(): (64, 52, 1023)}
"""Bits, bits of the fraction and bias of the exponent."""


def _whole(vector: Any, more: int = 0) -> Any:
    """What leaves no bits for a fraction when it is added, and `more`."""
    _, fraction, _ = _FORMATS[vector.type.element]
    return _constant(vector, 1.5 * 2.0**fraction + more)


def _power_of_two(builder: Any, k: Any) -> Any:
    size, fraction, bias = _FORMATS[k.type.element]
    # The lowest bits are then those of k and the bias.
    whole = builder.fadd(k, _whole(k, bias))
    bits = builder.bitcast(whole, ir.VectorType(ir.IntType(size), WIDTH))
    return builder.bitcast(builder.shl(bits, _constant(bits, fraction)), k.type)


def _zero(vector: Any) -> Any:
    return ir.Constant(vector.type, None)


multiply_add = lanewise(multiply_and_add)
"""a · b + c of float32, rounded once, in each lane."""
multiply_low = lanewise(_multiply_low)
"""Product of the lower halves of two uint64, in each lane: one instruction everywhere."""
upper = lanewise(lambda builder, a: builder.lshr(a, _constant(a, 32)))
"""Upper 32 bits of a uint64, in each lane."""
lower = lanewise(lambda builder, a: builder.trunc(a, ir.VectorType(ir.IntType(32), WIDTH)), WORDS)
"""Lower 32 bits of a uint64 as a uint32, in each lane."""
halve = lanewise(lambda builder, a: builder.lshr(a, _constant(a, 1)))
"""Half of an unsigned integer, rounded down, in each lane."""
to_float = lanewise(
    lambda builder, a: builder.sitofp(a, ir.VectorType(ir.FloatType(), WIDTH)), FLOATS
)
"""Nearest float32 of a uint32 below 2³¹, in each lane (signed integers convert faster)."""
to_double = lanewise(
    lambda builder, a: builder.fpext(a, ir.VectorType(ir.DoubleType(), WIDTH)), DOUBLES
)
"""A float32 as a float64, in each lane."""
square_root = lanewise(_llvm("llvm.sqrt"))
"""Correctly rounded square root, in each lane."""
absolute_value = lanewise(_llvm("llvm.fabs"))
"""|a|, in each lane."""
if_positive = lanewise(
    lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, _zero(a)), b, _zero(b))
)
"""b where a > 0, else 0, in each lane."""
rectified = lanewise(
    lambda builder, a: builder.select(builder.fcmp_ordered("<", a, _zero(a)), _zero(a), a)
)
"""ReLU(a), in each lane; what is not a number stays so."""
if_at_most = lanewise(
    lambda builder, a, b, c: builder.select(builder.icmp_unsigned("<=", a, b), c, _zero(c))
)
"""c where a ≤ b (uint32), else 0, in each lane."""
nearest_whole = lanewise(lambda builder, a: builder.fsub(builder.fadd(a, _whole(a)), _whole(a)))
"""The nearest whole number, in each lane; of halves the even one. Up to 2²² in size."""
power_of_two = lanewise(lambda builder, k: _power_of_two(builder, k))
"""2^k of a whole number k that makes it a normal number, in each lane."""
larger = lanewise(lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b))
"""The larger of two numbers, in each lane."""


def _bits(builder: Any, condition: Any) -> Any:
    """A vector of conditions as the bits of an int64, lane 0 the lowest."""
    number = builder.bitcast(condition, ir.IntType(WIDTH))
    return builder.zext(number, ir.IntType(64))


which_reach = lanewise(
    lambda builder, a, b: _bits(builder, builder.icmp_unsigned(">=", a, b)), types.int64
)
"""A bit for each lane, set where a ≥ b (uint32)."""
which_nonzero = lanewise(
    lambda builder, a: _bits(builder, builder.fcmp_unordered("!=", a, _zero(a))), types.int64
)
"""A bit for each lane, set where a ≠ 0."""
lowest_bit = lanewise(lambda builder, bits: builder.cttz(bits, ir.Constant(ir.IntType(1), 1)))
"""The place of the lowest bit that is set in an int64 that is not zero."""
bits_of = lanewise(lambda builder, number: builder.bitcast(number, ir.IntType(64)), types.int64)
"""The 64 bits of a float64, an int64 that is larger where the number is (if not < 0)."""


_ARITHMETIC = {
    operator.add: ("fadd", "add"),
    operator.iadd: ("fadd", "add"),
    operator.sub: ("fsub", "sub"),
    operator.mul: ("fmul", "mul"),
    operator.truediv: ("fdiv", None),
    operator.xor: (None, "xor"),
}


def _define_operator(symbol: Any, floats: str | None, integers: str | None) -> None:
    """Give vectors one of Python's operators."""

    def emit_with(name: str) -> Any:
        return lanewise(lambda builder, a, b: getattr(builder, name)(a, b))

    def implementation(emitter: Any) -> Any:
        return lambda a, b: emitter(a, b)

    names = {FLOATS: floats, DOUBLES: floats, WORDS: integers, WIDE: integers}
    emitters = {kind: emit_with(name) for kind, name in names.items() if name}
    # numba compares the parameters of both functions, annotations included: hence lambdas.
    overload(symbol, jit_options=OPTIONS)(
        lambda a, b: implementation(emitters[a]) if a == b and a in emitters else None
    )


for _symbol, _names in _ARITHMETIC.items():
    _define_operator(_symbol, *_names)
