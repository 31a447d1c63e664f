"""What a processor lacks is made up for, bit by bit, or said."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from processes import python

from superposition.base.errors import UserError
from superposition.kernels import compilation, lanes, target
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.lanes import load, multiply_add, store
from superposition.training.layout import train_steps


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


def fused(monkeypatch, fuses: bool, *operands: NDArray[np.float32]) -> NDArray[np.float32]:
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
    slowly = fused(monkeypatch, False, *operands)
    assert (slowly != twice).sum() > 10_000
    if not target.target().fuses:
        pytest.skip("this processor has no operation for it, to compare with")
    np.testing.assert_array_equal(slowly, fused(monkeypatch, True, *operands))


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
        train_steps.file.parent.mkdir()
        train_steps.file.touch()
    told = "\n".join(compilation.notices(train_steps))
    assert ("compiles training.train, once" in told) == (not kept)
    assert ("cannot multiply and add" in told) == (not fuses)
