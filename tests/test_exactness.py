"""The same bytes under different processors, and elementary functions as good as any."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from cells import ROWS, train_cell
from processes import output

from superposition.base import portable_math
from superposition.training.layout import learning_rates

TESTS = Path(__file__).parent


def digests(cache: Path, **variables: str) -> str:
    """Train a little of every row in a process whose compiler aims at a processor."""
    return output(TESTS / "digests.py", variables={"NUMBA_CACHE_DIR": str(cache), **variables})


@pytest.mark.slow
def test_every_processor_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generic x86-64 has SSE2 alone and cannot fuse; the native one may have AVX-512."""
    monkeypatch.delenv("NUMBA_CPU_NAME", raising=False)
    native = digests(tmp_path / "native")
    assert len(native.splitlines()) == len(ROWS)
    generic = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    assert digests(tmp_path / "generic", **generic) == native


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu, sieved", "a78699ed46987ade"),
        ("relu, falling to jumping", "da2b5ee1aca5dc65"),
    ],
)
def test_weights_are_the_same_as_ever(name: str, expected: str) -> None:
    """A golden value: whoever changes it changes every result, and should mean to."""
    weights = train_cell(ROWS[name], range(2))
    found = hashlib.sha256(weights.W.tobytes() + weights.b.tobytes()).hexdigest()
    assert found[:16] == expected


def test_log_is_the_logarithm() -> None:
    x = np.concatenate([np.geomspace(1e-300, 1e300, 20_001), np.linspace(0.5, 2.0, 20_001)])
    np.testing.assert_allclose(portable_math.log(x), np.log(x), rtol=1e-14, atol=1e-15)


def test_cosine_is_the_cosine() -> None:
    turns = np.linspace(-3.0, 3.0, 50_001)
    np.testing.assert_allclose(
        portable_math.cos_of_turns(turns), np.cos(2.0 * np.pi * turns), atol=1e-14
    )


def test_normal_numbers_are_normal() -> None:
    rng = np.random.default_rng(0)
    z = portable_math.normal(1.0 - rng.random(400_000), rng.random(400_000))
    moments = [(z**k).mean() for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0.0, 1.0, 0.0, 3.0], atol=0.05)


def test_schedules_fall_from_the_full_rate_to_zero() -> None:
    settings = ROWS["relu, sieved"].training.model_copy(update={"steps": 1000})
    done = np.arange(1000) / 1000
    shapes = {
        "constant": np.ones(1000),
        "linear": 1.0 - done,
        "cosine": 0.5 * (1.0 + np.cos(np.pi * done)),
    }
    for name, shape in shapes.items():
        rates = learning_rates(settings.model_copy(update={"schedule": name}))
        np.testing.assert_allclose(rates, 1e-3 * shape, atol=1e-15)


def test_powers_are_powers() -> None:
    found = portable_math.powers(0.999, 300)
    np.testing.assert_allclose(found, 0.999 ** np.arange(1, 301), rtol=1e-12)
