"""Arm's processors: the same bytes under emulation, and machine code as macOS needs it."""

import re
from pathlib import Path

import aarch64
import crossed
import derived
import llvmlite.binding as llvm
import pytest
from processes import output, run

from superposition.kernels import target
from superposition.kernels.compilation import _read

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"


def crossed_code(triple, cpu, cache, *options):
    """The entry points, compiled in a process of its own."""
    here = {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(SOURCE)}
    output(TESTS / "crossed.py", triple, cpu, *options, variables=here)
    return {path.stem: _read(path) for path in Path(cache).rglob("*.code")}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """What a process on arm64 starts with: compiling takes minutes under emulation."""
    if why := aarch64.missing():
        pytest.skip(why)
    cache = tmp_path_factory.mktemp("cache")
    crossed_code(aarch64.TRIPLE, aarch64.CPU, cache)
    return {"NUMBA_CACHE_DIR": str(cache), "MPLCONFIGDIR": str(cache)}


def there(compiled, *program, cwd):
    """What a program of the tests prints on an emulated arm64."""
    done = run(*aarch64.command(*program), variables=aarch64.variables(SOURCE) | compiled, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert "Compiling" not in done.stderr
    return done.stdout.splitlines()


def here(*program, cwd):
    return output(*program, variables={"PYTHONPATH": str(SOURCE)}, cwd=cwd).splitlines()


@pytest.mark.slow
def test_weights_and_samples_are_the_same_bytes_on_an_emulated_arm64(compiled, tmp_path):
    found = there(compiled, TESTS / "digests.py", cwd=tmp_path)
    assert len(found) > 30
    assert found == here(TESTS / "digests.py", cwd=tmp_path)


@pytest.mark.slow
def test_tables_claims_and_figures_are_the_same_bytes_on_an_emulated_arm64(compiled, tmp_path):
    files = derived.networks(tmp_path)
    folders = [tmp_path / "here", tmp_path / "there"]
    for folder in folders:
        folder.mkdir()
    found = there(compiled, TESTS / "derived.py", *files, cwd=folders[1])
    assert len(found) == 3 + 4 + 4 * 4
    assert found == here(TESTS / "derived.py", *files, cwd=folders[0])


@pytest.mark.slow
def test_code_for_macos_fuses_nothing_of_its_own_and_needs_nothing_but_what_is_there(tmp_path):
    """What the source fuses is a call here, so that no instruction that fuses may be left."""
    found = crossed_code("arm64-apple-darwin", "apple-m1", tmp_path, "--fused-outside")
    assert found.keys() == crossed.ENTRY_POINTS.keys()
    for name, code in found.items():
        undefined, defined = crossed.symbols(code.object_file)
        assert code.symbol in defined
        assert undefined <= crossed.STANDARD | {crossed.OUTSIDE}, name
        assert crossed.fused(code.object_file) == 0, name
    assert crossed.OUTSIDE in crossed.symbols(found["training.train"].object_file)[0]


def test_no_entry_point_is_left_out():
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(SOURCE.rglob("*.py")))
    found = re.findall(r'EntryPoint\(\w+, "([\w.]+)"\)', text)
    assert sorted(found) == sorted(crossed.ENTRY_POINTS)


@pytest.mark.parametrize("triple", ["arm64-apple-darwin", "aarch64-unknown-linux-gnu"])
def test_instructions_that_fuse_are_found(triple):
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine()
    probe = machine.emit_object(llvm.parse_assembly(target._PROBE))
    assert crossed.fused(probe) == 4  # sixteen numbers, four at a time
