"""Machine code for other processors and systems, compiled here, and what is in it.

As a program, `python tests/crossed.py TRIPLE CPU`, it compiles entry points into $NUMBA_CACHE_DIR,
where a process on that system looks for them.
"""

import os
import struct
import sys
from collections.abc import Iterator
from importlib import import_module

import llvmlite.binding as llvm
import numpy as np
from llvmlite.binding import targets

ENTRY_POINTS = {
    "philox.fill": "superposition.sampling.philox:_fill",
    "sampling.draw": "superposition.sampling.sample:_draw",
    "training.train": "superposition.training.layout:train_steps",
    "evaluation.squared_errors": "superposition.training.evaluate:_squared_errors",
    "dictionaries.encode": "superposition.measure.dictionaries.training:_encode",
    "dictionaries.pass_through": "superposition.measure.dictionaries.training:_pass",
    "robustness.attack": "superposition.measure.robustness:_attack",
}
STANDARD = {"memset", "memcpy", "memmove", "bzero"}
"""What every process has; the last on macOS."""
OUTSIDE = "fused_outside"
"""A function in place of what fuses, for code that is only looked at."""


def entry_point(name: str):
    module, _, attribute = ENTRY_POINTS[name].partition(":")
    return getattr(import_module(module), attribute)


def compile_for(triple: str, cpu: str, fused_outside: bool) -> None:
    """Compile entry points as a process on another system would, with no feature but the CPU's.

    What numba has made once it does not make otherwise: this is for a process of its own.
    """
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    targets.get_default_triple = llvm.get_process_triple = lambda: triple
    os.environ |= {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": ""}
    # numba links what it has made, here, where nothing of it is run; Mach-O has names of its own.
    add = llvm.add_symbol
    llvm.add_symbol = lambda name, address: [add(each, address) for each in (name, f"_{name}")]
    for name in (*STANDARD, OUTSIDE):
        llvm.add_symbol(name, 1)
    from numba.core import cgutils

    from superposition.kernels import compilation

    if fused_outside:
        insert = cgutils.get_or_insert_function
        cgutils.get_or_insert_function = lambda module, kind, name: insert(
            module, kind, OUTSIDE if name.startswith("llvm.fma.") else name
        )
    for name in ENTRY_POINTS:
        entry = entry_point(name)
        compilation.keep(entry.file, entry._make)


def fused(object_file: bytes) -> int:
    """How many instructions of arm64 code multiply and add with one rounding."""
    found = 0
    for section in llvm.ObjectFileRef.from_data(object_file).sections():
        if section.is_text():
            words = np.frombuffer(section.data(), "<u4")
            for mask, value in _FUSED:
                found += int((words & mask == value).sum())
    return found


_FUSED = (
    (0xFF000000, 0x1F000000),  # fmadd, fmsub, fnmadd, fnmsub
    (0xBF20FC00, 0x0E20CC00),  # fmla, fmls of vectors
    (0xBF80B400, 0x0F801000),  # fmla, fmls by an element
)


def symbols(object_file: bytes) -> tuple[set[str], set[str]]:
    """The names that a 64-bit ELF or Mach-O file asks for, and those that it has."""
    found: tuple[set[str], set[str]] = (set(), set())
    read = _of_elf if object_file.startswith(b"\x7fELF") else _of_mach_o
    for at, is_defined in read(object_file):
        found[is_defined].add(object_file[at : object_file.index(b"\0", at)].decode())
    return found


def _of_elf(elf: bytes) -> Iterator[tuple[int, bool]]:
    """Where the name of each symbol stands, and whether the symbol is there."""
    (start,), (size, count) = struct.unpack_from("<Q", elf, 40), struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, start + k * size) for k in range(count)]
    [table] = [section for section in sections if section[1] == 2]
    names = sections[table[6]][4]
    for place in range(table[4] + 24, table[4] + table[5], 24):
        name, _, _, section = struct.unpack_from("<IBBH", elf, place)
        yield names + name, section != 0


def _of_mach_o(file: bytes) -> Iterator[tuple[int, bool]]:
    """The same, past the underscore that every name of C's begins with there."""
    magic, *_, count = struct.unpack_from("<5I", file)
    assert magic == 0xFEEDFACF
    place = 32
    for _ in range(count):
        command, size, symbols, number, names = struct.unpack_from("<5I", file, place)
        if command == 2:
            for at in range(symbols, symbols + 16 * number, 16):
                # What a linker sets aside has no place yet, but a size.
                name, kind, place_or_size = struct.unpack_from("<IB3xQ", file, at)
                yield names + name + 1, kind & 0x0E != 0 or place_or_size != 0
        place += size


if __name__ == "__main__":
    compile_for(*sys.argv[1:3], fused_outside="--fused-outside" in sys.argv)
