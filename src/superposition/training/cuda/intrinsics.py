"""What a thread knows and does that kernels have no word for: lanes, records and addresses."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import cuda
from numba.core import cgutils
from numba.cuda import libdevice, types
from numba.cuda.extending import intrinsic
from numba.cuda.np.numpy_support import from_dtype

from superposition.kernels.blocks import Emitters, product_adder, signature_of
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.records import Reader

unpack = Reader(types, from_dtype, intrinsic).unpack


@intrinsic
def pointer_to(typing: Any, array: Any) -> Any:
    """A pointer to the first element of an array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_array(array)(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), code


@intrinsic
def address_of(typing: Any, pointer: Any) -> Any:
    """Where a pointer points to, as a uint64."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ptrtoint(args[0], ir.IntType(64))

    return types.uint64(pointer), code


@intrinsic
def words_at(typing: Any, address: Any) -> Any:
    """A pointer to the words at an address, a uint64."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(64).as_pointer())

    return types.CPointer(types.uint64)(types.uint64), code


def _lane_of(builder: Any, offset: Any) -> Any:
    """The place of this thread's number of a vector at an offset."""
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.IntType(32), []), "llvm.nvvm.read.ptx.sreg.tid.x"
    )
    return builder.add(offset, builder.zext(builder.call(function, []), ir.IntType(64)))


def _fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    kind = ir.FloatType()
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), "llvm.fma.f32"
    )
    return builder.call(function, [a, b, c])


_EMITTERS = Emitters(
    load=lambda builder, array, at: builder.load(builder.gep(array, [_lane_of(builder, at)])),
    store=lambda builder, value, array, at: builder.store(
        value, builder.gep(array, [_lane_of(builder, at)])
    ),
    splat=lambda builder, array, at: builder.load(builder.gep(array, [at])),
    multiply_add=lambda builder, a, b, c: _fused(builder, a, b, c),
)


@intrinsic
def add_products(
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
    """Do what `kernels.blocks` says, a lane to each thread."""
    return signature_of(types, out, factors, vectors), product_adder(_EMITTERS, lambda rows: 1)


@intrinsic
def multiply_add(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """The float32 a · b + c, rounded once."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _fused(builder, *args)

    return types.float32(types.float32, types.float32, types.float32), code


def lane():
    """Which of a vector's numbers is this thread's."""
    return np.int64(cuda.threadIdx.x)


def worker():
    """The number of this worker, for memory of its own."""
    return np.int64(cuda.threadIdx.y)


def workers():
    """How many workers train this run."""
    return np.int64(cuda.blockDim.y)


def _first_bit():
    """Which bit of a warp's 32 is this worker's first: a warp holds two workers."""
    return (cuda.threadIdx.y & 1) * WIDTH


def _mates():
    """This worker's threads, a bit for each in the warp."""
    return np.uint32(0xFFFF) << np.uint32(_first_bit())


def lane_barrier():
    """Wait until all lanes of this worker are here and all they have written is seen."""
    cuda.syncwarp(_mates())


def lane_total(a):
    """The sum over the lanes, halves first, in every lane."""
    mates = _mates()
    a = a + cuda.shfl_xor_sync(mates, a, 8)
    a = a + cuda.shfl_xor_sync(mates, a, 4)
    a = a + cuda.shfl_xor_sync(mates, a, 2)
    return a + cuda.shfl_xor_sync(mates, a, 1)


def which_lanes(condition):
    """A bit for each lane, set where a condition holds, as an int64 in every lane."""
    bits = np.uint32(cuda.ballot_sync(_mates(), condition))
    return np.int64((bits >> np.uint32(_first_bit())) & np.uint32(0xFFFF))


def number_of(bits):
    """The float32 of 32 bits, an int32."""
    return libdevice.int_as_float(bits)


def bits_of(number):
    """The 64 bits of a float64, an int64 that is larger where the number is."""
    return libdevice.double_as_longlong(number)
