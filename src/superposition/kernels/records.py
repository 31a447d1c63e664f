"""Records of arrays and numbers as compiled code sees them; `contracts.memory` lays them out."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.np.numpy_support import from_dtype

from superposition.kernels.contracts.memory import Field, Record, fields
from superposition.kernels.lanes import compiled

_TYPES: Any = types  # a module that says nothing of what is in it

WORDS = _TYPES.CPointer(_TYPES.uint64)
"""Where a record begins."""


class Reader:
    """Reads records, for a compiler: numba's for the processor, or numba-cuda's."""

    def __init__(self, kinds: Any, from_dtype: Callable[..., Any], intrinsic: Any) -> None:
        """Take a compiler's words: its types, how it names numpy's, and how it is extended."""
        self.kinds, self.from_dtype = kinds, from_dtype

        @intrinsic
        def unpack(typing: Any, table: Any, record: Any) -> Any:
            """The record of a class whose words begin at `table`.

            In place of each array it has a pointer to the first element. Indexing works as with the
            array, without its bounds and without its reference count: counting costs more than the
            work of a small model. Python keeps the arrays alive.
            """

            def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
                return self._load(context, builder, signature.return_type, args[0], count())

            return self._type_of(record.instance_class)(table, record), code

        self.unpack = unpack

    def _type_of(self, record: type[Record]) -> Any:
        return self.kinds.NamedTuple([self._type_of_field(f) for f in fields(record)], record)

    def _type_of_field(self, field: Field) -> Any:
        if field.record is not None:
            return self._type_of(field.record)
        scalar = self.from_dtype(field.dtype)
        return self.kinds.CPointer(scalar) if field.array else scalar

    def _load(self, context: Any, builder: Any, kind: Any, table: Any, words: Iterator[int]) -> Any:
        """A record of which the next words of the table hold the fields."""
        found = []
        for field in kind.types:
            if isinstance(field, self.kinds.NamedTuple):
                found.append(self._load(context, builder, field, table, words))
                continue
            word = builder.gep(table, [ir.IntType(64)(next(words))])
            place = builder.bitcast(word, context.get_data_type(field).as_pointer())
            found.append(context.unpack_value(builder, field, place))
        return context.make_tuple(builder, kind, found)


unpack = Reader(types, from_dtype, compiled).unpack
