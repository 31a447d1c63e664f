"""Records of arrays and numbers as the GPU sees them; `kernels.records` says how they are read."""

from typing import TYPE_CHECKING, Any

from numba.core import config

if not TYPE_CHECKING and config.ENABLE_CUDASIM:
    from superposition.cuda.simulated import address_of, pointer_to, unpack, words_at
else:
    from llvmlite import ir
    from numba.cuda import types
    from numba.cuda.extending import intrinsic
    from numba.cuda.np.numpy_support import from_dtype

    from superposition.kernels.records import Reader

    unpack = Reader(types, from_dtype, intrinsic).unpack

    @intrinsic
    def pointer_to(typing: Any, array: Any) -> Any:
        """Return a pointer to the first element of an array."""

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return context.make_array(array)(context, builder, args[0]).data

        return types.CPointer(array.dtype)(array), code

    @intrinsic
    def address_of(typing: Any, pointer: Any) -> Any:
        """Return where a pointer points to, as a uint64."""

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.ptrtoint(args[0], ir.IntType(64))

        return types.uint64(pointer), code

    @intrinsic
    def words_at(typing: Any, address: Any) -> Any:
        """Return a pointer to the words at an address, a uint64."""

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], ir.IntType(64).as_pointer())

        return types.CPointer(types.uint64)(types.uint64), code
