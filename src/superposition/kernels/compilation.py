"""Compile numba functions once per checkout, processor and version of the code.

numba is imported to compile, and by nothing else: importing it takes longer than most jobs compute.
The machine code of a function is kept, and every job, the one that has compiled it included, loads
it from there with LLVM alone and calls it as one calls a C library.

Code is kept in a folder named after a digest of all that is compiled, so that no edit goes
unnoticed: `$NUMBA_CACHE_DIR`, or else `~/.cache/superposition`, and below it one folder per version
of the code. Any of it may be deleted.
"""

import ctypes
import fcntl
import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

import llvmlite.binding as llvm

from superposition.base.canonical import digest
from superposition.base.errors import UserError
from superposition.base.files import OutputError, cache_folder, write_bytes
from superposition.base.source_digest import source_digest, versions
from superposition.kernels.contracts.memory import Record, as_words
from superposition.kernels.target import names, target

SOURCES = ("kernels", "base/portable_math.py")
"""All that is compiled: of the latter, constants."""
_Record = TypeVar("_Record", bound=Record)


class MachineCode(NamedTuple):
    """A compiled function."""

    symbol: str
    """The name of the function in the object file."""
    object_file: bytes
    """What the compiler has made, for a linker."""


class EntryPoint(Generic[_Record]):
    """A compiled function that Python calls; the functions it calls are compiled into it.

    Jobs that start together would all compile the same code, so they wait for the first one to
    finish. If the code cannot be kept (no space, no permission), a warning says so and nothing but
    the time to compile is lost.
    """

    def __init__(self, record: type[_Record], name: str) -> None:
        """Prepare a function, without importing it yet.

        Args:
            record: The class of its only argument (see `contracts.memory`).
            name: Module and name of the function, such as `training.train`.
        """
        self.record, self.name = record, name
        self._lock = Lock()
        self._call: Callable[..., int] | None = None

    def __call__(self, record: _Record) -> int:
        """Call the function, compiling it first if need be; return its number, 0 if it has none."""
        return self.bind(record)()

    def bind(self, record: _Record) -> Callable[[], int]:
        """The call with a record, to be made again and again without laying it out anew."""
        assert type(record) is self.record
        return partial(_run, self.load(), as_words(record), record)

    def load(self) -> Callable[..., int]:
        """Load the machine code, making it first if need be, and return how to call it."""
        with self._lock:
            if self._call is None:
                self._call = _link(keep(self.file, self._make))
        return self._call

    @cached_property
    def code(self) -> str:
        """A digest of the code as it was when it was first asked for."""
        return source_digest(*SOURCES)

    @property
    def file(self) -> Path:
        """Where the machine code is kept."""
        return cache_folder() / f"{self.code}-{_target()}" / f"{self.name}.code"

    def _make(self) -> MachineCode:
        """Compile the function.

        Raises:
            UserError: If its code was edited meanwhile: it would be kept under the wrong digest.
        """
        sys.stderr.write(f"Compiling {self.name} for this processor, once.\n")
        module, _, name = self.name.rpartition(".")
        function = getattr(import_module(f"superposition.kernels.{module}"), name)
        made = _compile(function, self.record)
        if source_digest(*SOURCES) != self.code:
            raise UserError(
                "The code changed while it was being compiled. Run the same command again."
            )
        return made


def notices(entry: EntryPoint[Any]) -> list[str]:
    """What there is to know, before much is computed, of compiled code on this processor."""
    told = []
    if not entry.file.exists():
        told.append(f"The first job compiles {entry.name}, once for this processor: some seconds.")
    if not target().fuses:
        told.append(
            "This processor cannot multiply and add in one operation, so training takes very much "
            "longer than on one that can. The results are the same bytes."
        )
    return told


def keep(file: Path, make: Callable[[], MachineCode]) -> MachineCode:
    """The code that a file keeps; make it, and keep it there, if it does not."""
    if kept := _read(file):
        return kept
    made = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with (file.parent / "lock").open("w") as lock:
            # Some network file systems have no locks: then jobs that start together each compile.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            # Another job may have been faster.
            if kept := _read(file):
                return kept
            made = make()
            write_bytes(file, _packed(made))
    except (OSError, OutputError) as error:
        sys.stderr.write(
            f"warning: compiled code could not be kept in {file.parent} ({error}); going on, but "
            "every job will compile anew. Free some space there, or set NUMBA_CACHE_DIR to a "
            "folder that can be written.\n"
        )
    return made or make()


def _target() -> str:
    """A digest of what decides how code is compiled, beside the code.

    Machines of several kinds can share a cache; numba chooses the processor in the same way.
    """
    cpu, features = names()
    compiler = versions("numba", "llvmlite")
    return digest(f"{llvm.get_process_triple()} {cpu} {features} {compiler}")[:8]


def _compile(function: Any, record: type[Record]) -> MachineCode:
    """Compile a function of a record into one of the address of the record's words."""
    import numba

    from superposition.kernels.records import WORDS, unpack
    from superposition.kernels.subroutines import OPTIONS, subroutine

    function = subroutine(function)

    def entry(table: Any) -> Any:
        return function(unpack(table, record))

    dispatcher: Any = numba.njit(**OPTIONS)(entry)
    dispatcher.compile((WORDS,))
    [compiled] = dispatcher.overloads.values()
    _, _, (object_file, _) = compiled.library.serialize_using_object_code()
    return MachineCode(compiled.fndesc.llvm_func_name, object_file)


def _link(code: MachineCode) -> Callable[..., int]:
    """Load machine code into this process; Python's lock is not held while it runs."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.object_file))
    engine.finalize_object()
    # numba's convention: where to put the result, where to put an error, then the arguments.
    prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
    call = prototype(engine.get_function_address(code.symbol))
    call.engine = engine  # type: ignore[attr-defined]  # owns the machine code
    return call


def _run(call: Callable[..., int], table: bytes, record: Record) -> int:
    """Run machine code; the record has to stay, as the table holds addresses of its arrays."""
    result, error = ctypes.c_int64(), ctypes.c_void_p()
    status = call(ctypes.byref(result), ctypes.byref(error), table)
    assert status == 0, "compiled code raises nothing"
    return result.value


def _packed(code: MachineCode) -> bytes:
    content = code.symbol.encode() + b"\n" + code.object_file
    return hashlib.sha256(content).digest() + content


def _read(file: Path) -> MachineCode | None:
    """Machine code that is kept, unless there is none or it is damaged."""
    try:
        kept = file.read_bytes()
    except OSError:
        return None
    symbol, _, object_file = kept[32:].partition(b"\n")
    code = MachineCode(symbol.decode(errors="replace"), object_file)
    return code if _packed(code) == kept else None
