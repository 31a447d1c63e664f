"""Compile numba functions once per checkout, processor and version of the code.

numba is imported to compile, and by nothing else: importing it takes longer than most jobs compute.
The machine code of a function is kept, and every job, the one that has compiled it included, loads
it from there with LLVM alone and calls it as one calls a C library.

Code is kept in a folder named after a digest of all modules that the function can reach, so that no
edit goes unnoticed: `$NUMBA_CACHE_DIR`, or else `~/.cache/superposition`, and below it one folder
per version of the code. Any of it may be deleted.
"""

import ctypes
import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

import llvmlite.binding as llvm

from superposition.digests import code_digest, code_digest_as_last_read, versions
from superposition.errors import UserError
from superposition.files import OutputError, cache_folder, write_bytes
from superposition.memory import Record, as_words
from superposition.settings import digest

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

    def __init__(
        self, record: type[_Record], function: Callable[[], Callable[[_Record], object]]
    ) -> None:
        """Prepare a function, without importing it yet.

        Args:
            record: The class of its only argument (see `memory`).
            function: Imports and returns the function. Its import statement tells the digests of
                the code what the caller depends on.
        """
        self.record, self.function = record, function
        self._lock = Lock()
        self._call: Callable[..., int] | None = None

    def __call__(self, record: _Record) -> int:
        """Call the function, compiling it first if need be; return its number, 0 if it has none."""
        return self.bind(record)()

    def bind(self, record: _Record) -> Callable[[], int]:
        """Return the call with a record, to be made again and again without laying it out anew."""
        assert type(record) is self.record
        return partial(_run, self.load(), as_words(record), record)

    def load(self) -> Callable[..., int]:
        """Load the machine code, making it first if need be, and return how to call it."""
        with self._lock:
            if self._call is None:
                self._call = _link(self._machine_code())
        return self._call

    @cached_property
    def code(self) -> str:
        """Return a digest of the code as it was loaded, whatever may have been edited since."""
        return code_digest_as_last_read(self.function.__module__)

    @property
    def file(self) -> Path:
        """Return where the machine code is kept."""
        name = self.function.__name__.strip("_")
        return cache_folder() / f"{self.code}-{_target()}" / f"{name}.code"

    def _machine_code(self) -> MachineCode:
        def make() -> MachineCode:
            made = _compile(self.function(), self.record)
            self._check_source()
            return made

        return keep(self.file, make)

    def _check_source(self) -> None:
        """Make sure that what was compiled is the code of the digest.

        Raises:
            UserError: If it was edited meanwhile.
        """
        if code_digest(self.function.__module__) != self.code:
            raise UserError(
                "The code changed while it was being compiled. Run the same command again."
            )


def keep(file: Path, make: Callable[[], MachineCode]) -> MachineCode:
    """Return the code that a file keeps; make it, and keep it there, if it does not."""
    if kept := _read(file):
        return kept
    with _one_at_a_time(file.parent) as writable:
        # Another job may have been faster.
        if kept := _read(file):
            return kept
        made = make()
        if writable:
            try:
                write_bytes(file, _packed(made))
            except OutputError as error:
                _warn(file.parent, str(error))
    return made


def _target() -> str:
    """Return a digest of what decides how code is compiled, beside the code.

    Machines of several kinds can share a cache; numba chooses the processor in the same way.
    """
    try:
        features = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM does not know them on every system
        features = ""
    cpu = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES", features)
    compiler = versions("numba", "llvmlite")
    return digest(f"{llvm.get_process_triple()} {cpu} {features} {compiler}")[:8]


def _compile(function: Any, record: type[Record]) -> MachineCode:
    """Compile a function of a record into one of the address of the record's words."""
    import numba

    from superposition.kernels.records import WORDS, unpack

    function = numba.njit(function)

    def entry(table: Any) -> Any:
        return function(unpack(table, record))

    # No reference counts and no Python objects: nothing is needed but what is compiled here.
    options: Any = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher: Any = numba.njit(error_model="numpy", **options)(entry)
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
    """Return machine code that is kept, unless there is none or it is damaged."""
    try:
        kept = file.read_bytes()
    except OSError:
        return None
    symbol, _, object_file = kept[32:].partition(b"\n")
    code = MachineCode(symbol.decode(errors="replace"), object_file)
    return code if _packed(code) == kept else None


def _warn(folder: Path, reason: str) -> None:
    sys.stderr.write(
        f"warning: compiled code could not be kept in {folder} ({reason}); going on, but every job "
        "will compile anew. Free some space there, or set NUMBA_CACHE_DIR to a folder that can be "
        "written.\n"
    )


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[bool]:
    """Hold a lock that all who compile the same code share; tell whether the folder is usable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        _warn(folder, error.strerror or str(error))
        yield False
        return
    with lock:
        # Some network file systems have no locks: then jobs that start together may each compile.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield True
