"""Compiled code is kept where it can be, and never outlives the code that it was made from.

What a processor lacks is made up for, bit by bit, or said.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import crossed
import numpy as np
import pytest
from cells import cell, train_cell
from numpy.typing import NDArray
from processes import python

import superposition
from superposition.base.errors import UserError
from superposition.kernels import compilation, lanes, target
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.lanes import load, multiply_add, store
from superposition.sampling import philox, sample
from superposition.sampling.distribution import tabulate
from superposition.sampling.sample import evaluation_sample
from superposition.training import evaluate, fused, layout

PROGRAM = """
import sys
import numpy as np
from superposition.sampling.philox import words
print(words(np.uint64(1), 0, 0, 0, 1)[0], "numba" in sys.modules)
"""
FIRST_WORD = "3823634032"
TOLD = "Compiling philox.fill for this processor, once.\n"

ROOT = Path(__file__).resolve().parents[1]


class Checkout:
    """A copy of the package, to edit."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "superposition"
        shutil.copytree(
            Path(superposition.__file__).parent,
            self.source,
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    def run(self, cache: Path) -> tuple[list[str], str]:
        """Return a random word, whether numba was imported to get it, and the errors."""
        variables = {"PYTHONPATH": str(self.source.parent), "NUMBA_CACHE_DIR": str(cache)}
        done = python("-c", PROGRAM, variables=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout.split(), done.stderr

    def change_a_callee(self) -> None:
        """Change what `words` computes, in another module than its own."""
        file = self.source / "kernels" / "lanes.py"
        text = file.read_text()
        assert "0xFFFFFFFF" in text
        file.write_text(text.replace("0xFFFFFFFF", "0xFFFFFFFE"))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "copy")


def kept_in(cache: Path) -> list[Path]:
    return list(cache.rglob("*.code"))


def test_what_is_compiled_is_loaded_from_then_on_without_numba(checkout, tmp_path):
    assert checkout.run(tmp_path / "cache") == ([FIRST_WORD, "True"], TOLD)
    [kept] = kept_in(tmp_path / "cache")
    made = kept.read_bytes()
    assert checkout.run(tmp_path / "cache") == ([FIRST_WORD, "False"], "")
    assert kept.read_bytes() == made


def test_editing_a_module_that_is_called_discards_compiled_code(checkout, tmp_path):
    checkout.run(tmp_path / "cache")
    checkout.change_a_callee()
    (word, compiled), _ = checkout.run(tmp_path / "cache")
    assert word != FIRST_WORD
    assert compiled == "True"
    assert len(kept_in(tmp_path / "cache")) == 2


def test_without_a_usable_cache_code_is_compiled_anew_with_a_warning(checkout):
    """/dev/null is a file, so no folder can be made below it, even by root."""
    (before, _), warning = checkout.run(Path("/dev/null/cache"))
    assert before == FIRST_WORD
    assert re.search(r"warning: compiled code could not be kept in /dev/null/cache/", warning)
    assert "NUMBA_CACHE_DIR" in warning
    assert not kept_in(checkout.source), "nothing may be kept anywhere else"
    checkout.change_a_callee()
    assert checkout.run(Path("/dev/null/cache"))[0][0] != before


@pytest.mark.parametrize("damage", ["flipped", "empty"])
def test_a_damaged_file_is_compiled_anew(checkout, tmp_path, damage):
    checkout.run(tmp_path / "cache")
    [kept] = kept_in(tmp_path / "cache")
    made = bytearray(kept.read_bytes())
    made[len(made) // 2] ^= 1
    kept.write_bytes(made if damage == "flipped" else b"")
    assert checkout.run(tmp_path / "cache") == ([FIRST_WORD, "True"], TOLD)
    assert checkout.run(tmp_path / "cache") == ([FIRST_WORD, "False"], "")


def test_every_processor_system_and_compiler_has_code_of_its_own(monkeypatch):
    files = [philox._fill.file]
    for variable, value in (("NUMBA_CPU_NAME", "generic"), ("NUMBA_CPU_FEATURES", "+sse2")):
        monkeypatch.setenv(variable, value)
        files.append(philox._fill.file)
    monkeypatch.setattr(compilation, "versions", lambda *_: "numba==1.0 llvmlite==1.0")
    files.append(philox._fill.file)
    monkeypatch.setattr(compilation.llvm, "get_process_triple", lambda: "arm64-apple-darwin")
    files.append(philox._fill.file)
    assert len({file.parent for file in files}) == 5
    assert len({file.name for file in files}) == 1


def test_code_that_is_edited_while_it_is_compiled_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    edited = EntryPoint(philox.Words, "philox.fill")
    digests = iter(["before", "after"])
    monkeypatch.setattr(compilation, "source_digest", lambda *_: next(digests))
    with pytest.raises(UserError, match="The code changed while it was being compiled"):
        edited.load()
    assert not kept_in(tmp_path)


def test_stages_whose_code_is_compiled_import_no_numba(tmp_path):
    config = ["--config", str(ROOT / "config.yaml"), str(ROOT / "tests/smoke.yaml")]
    # Whatever is not compiled yet is compiled now.
    settings = cell(steps=2)
    evaluate.losses(train_cell(settings, range(1)), evaluation_sample(settings.features, 5, 50))
    cells = ["intro/relu_p1", "intro/relu_p0.2", "intro/relu_p0.1"]
    for stage in (["data", "intro"], *(["train", name] for name in cells), ["export", "intro"]):
        program = (
            "import sys; from superposition.cli import main; code = main(sys.argv[1:]);"
            "print(code, 'numba' in sys.modules)"
        )
        here = {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = python("-c", program, *stage, *config, cwd=tmp_path, variables=here)
        assert done.stdout.split("\n")[-2] == "0 False", stage


@pytest.mark.parametrize("name", crossed.ENTRY_POINTS)
def test_machine_code_needs_nothing_but_what_every_process_has(name):
    """An unknown symbol would end the process when the code is loaded."""
    entry = crossed.entry_point(name)
    entry.load()
    code = compilation._read(entry.file)
    assert code is not None
    undefined, defined = crossed.symbols(code.object_file)
    assert undefined <= crossed.STANDARD
    assert code.symbol in defined


def test_other_threads_go_on_while_compiled_code_runs():
    """So they see weights of the middle of a training, and not its end alone."""
    settings = cell(steps=2000, n=40, m=20, density=1.0, batch=256)
    run = fused.start(settings, 0)
    layout.train_steps.load()
    before = run.p.tobytes()
    run.steps[1] = 2000
    thread = Thread(target=layout.train_steps, args=(run,))
    thread.start()
    while (seen := run.p.tobytes()) == before:
        pass
    thread.join()
    assert seen != run.p.tobytes()


def test_the_number_that_a_function_returns_is_returned():
    distribution = tabulate(cell(density=1.0).features)
    assert len(sample.draw_active_samples(distribution, np.uint64(3), 0, 70)) == 70


# What a processor lacks


class Numbers(NamedTuple):
    """Operands, and where results go."""

    count: int
    a: NDArray[np.float32]
    b: NDArray[np.float32]
    c: NDArray[np.float32]
    out: NDArray[np.float32]


def fuse(work: Numbers) -> None:
    for at in range(0, work.count, WIDTH):
        store(work.out, at, multiply_add(load(work.a, at), load(work.b, at), load(work.c, at)))


def computed(monkeypatch, fuses: bool, *operands: NDArray[np.float32]) -> NDArray[np.float32]:
    """The products and sums as a processor has them that fuses, or as one that does not."""
    monkeypatch.setattr(lanes, "target", lambda: target.Target(fuses=fuses, wide=False))
    arrays = [aligned_zeros(operands[0].size, np.float32) for _ in range(4)]
    for array, operand in zip(arrays, operands, strict=False):
        array[:] = operand
    work = Numbers(operands[0].size, *arrays)
    call = compilation._link(compilation._compile(fuse, Numbers))
    compilation._run(call, compilation.as_words(work), work)
    return work.out


def test_without_an_operation_for_it_a_product_and_a_sum_are_rounded_once(monkeypatch):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, (3, 1 << 16), dtype=np.uint32).view(np.float32)
    # Sums that nearly cancel, end between two numbers, or are smaller than any normal one.
    a, b = rng.normal(size=(2, 1 << 16)).astype(np.float32)
    near = -(a * b) * np.float32(1.0 + 2.0**-23)
    halves = np.float32(2.0**-25) * (1 + np.arange(1 << 16, dtype=np.float32) % 7)
    tiny = np.float32(1e-22)
    cases = [bits, (a, b, near), (halves, a / np.abs(a), b), (a * tiny, b * tiny, near * tiny**2)]
    operands = np.concatenate([np.stack(case) for case in cases], axis=1)
    with np.errstate(all="ignore"):
        twice = operands[0] * operands[1] + operands[2]
    slowly = computed(monkeypatch, False, *operands)
    assert (slowly != twice).sum() > 10_000
    if not target.target().fuses:
        pytest.skip("this processor has no operation for it, to compare with")
    np.testing.assert_array_equal(slowly, computed(monkeypatch, True, *operands))


def test_what_this_processor_does_not_have_is_refused(monkeypatch):
    monkeypatch.setattr(target, "_own_features", lambda signs: ["+avx", "+sse2"])
    monkeypatch.setattr(target, "_check", target._check.__wrapped__)
    monkeypatch.setattr(target, "_assembly", lambda *_: "vfmadd213ps %zmm2, %zmm1, %zmm0")
    monkeypatch.setenv("NUMBA_CPU_NAME", "skylake-avx512")
    with pytest.raises(UserError, match=r"NUMBA_CPU_NAME in .* with avx512f, fma, which this"):
        target.target()
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "+sse2,+amx-tile,-avx2")
    with pytest.raises(UserError, match=r"CPU_NAME and NUMBA_CPU_FEATURES .* amx-tile, which"):
        target.target()


def test_a_command_says_what_is_wrong_with_the_variables():
    command = ("-m", "superposition", "batch", "intro/relu_p1", "--run=0", "--step=0")
    done = python(*command, variables={"NUMBA_CPU_FEATURES": "+nonsense"})
    assert done.returncode == 1
    assert done.stderr.startswith("error: NUMBA_CPU_FEATURES in the environment asks for code with")


@pytest.mark.parametrize(("fuses", "kept"), [(True, True), (True, False), (False, True)])
def test_a_build_begins_with_what_there_is_to_know(monkeypatch, tmp_path, fuses, kept):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compilation, "target", lambda: target.Target(fuses=fuses, wide=False))
    if kept:
        layout.train_steps.file.parent.mkdir()
        layout.train_steps.file.touch()
    told = "\n".join(compilation.notices(layout.train_steps))
    assert ("compiles training.train, once" in told) == (not kept)
    assert ("cannot multiply and add" in told) == (not fuses)
