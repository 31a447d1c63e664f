"""The exponential and activations made of it: near the truth, and the same wherever computed."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from cells import cell
from numpy.typing import NDArray

from superposition.base import portable_math
from superposition.kernels import compilation, exponential
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.exponential import gelu, tanh
from superposition.kernels.lanes import load, store
from superposition.model import weights
from superposition.model.parameters import Parameters
from superposition.sampling.sample import evaluation_sample
from superposition.training.evaluate import losses


class Floats(NamedTuple):
    """Arguments in float32, and where results go."""

    count: int
    x: NDArray[np.float32]
    exp: NDArray[np.float32]
    tanh: NDArray[np.float32]
    gelu: NDArray[np.float32]


class Doubles(NamedTuple):
    """Arguments in float64, and where results go."""

    count: int
    x: NDArray[np.float64]
    exp: NDArray[np.float64]
    tanh: NDArray[np.float64]
    gelu: NDArray[np.float64]


def compute(work: Any) -> None:
    for at in range(0, work.count, WIDTH):
        store(work.exp, at, exponential.exponential(load(work.x, at)))
        store(work.tanh, at, tanh(load(work.x, at)))
        store(work.gelu, at, gelu(load(work.x, at)))


def compiled(x: NDArray[Any]) -> Any:
    """What compiled code makes of numbers, a multiple of sixteen of them."""
    record = Floats if x.dtype == np.float32 else Doubles
    given, *results = (aligned_zeros(x.size, x.dtype) for _ in range(4))
    given[:] = x
    work = record(x.size, given, *results)
    call = compilation._link(compilation._compile(compute, record))
    compilation._run(call, compilation.as_words(work), work)
    return work


def numbers(dtype: Any) -> NDArray[Any]:
    """Numbers of every size at which the functions are not yet at their ends."""
    small = np.geomspace(1e-30, 80.0, 1 << 14)
    return np.concatenate([np.linspace(-86.5, 86.5, 1 << 16), small, -small]).astype(dtype)


def units(found: NDArray[Any], truth: NDArray[Any], at: NDArray[Any]) -> float:
    """The largest error, in units of the last place of other numbers."""
    return float(np.max(np.abs(found - truth) / np.spacing(np.abs(at))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_functions_are_those_of_portable_math_and_near_the_truth(dtype) -> None:
    x = numbers(dtype)
    found, exact = compiled(x), x.astype(np.longdouble)
    for name in ("exp", "tanh", "gelu"):
        assert getattr(found, name).tobytes() == getattr(portable_math, name)(x).tobytes()
    one = np.ones_like(x)
    assert units(found.exp, np.exp(exact), found.exp) < 1.5
    assert units(found.tanh, np.tanh(exact), one) < 1.5
    cubic = np.longdouble(portable_math.GELU_CUBIC) * exact**3
    inner = np.sqrt(np.longdouble(2) / np.longdouble(np.pi)) * (exact + cubic)
    truth = exact / 2 * (1 + np.tanh(inner))
    assert units(found.gelu, truth, np.maximum(np.abs(x), 1)) < 2


def test_beyond_their_ends_functions_stay_there_and_what_is_no_number_stays_so() -> None:
    x = np.array([-np.inf, -1e30, 1e30, np.inf, np.nan, 0.0, *[1.0] * 10], dtype=np.float32)
    found = compiled(x)
    edge = portable_math.exp(np.array([-87.0, 87.0], dtype=np.float32))
    np.testing.assert_array_equal(found.exp[:6], [edge[0], edge[0], edge[1], edge[1], np.nan, 1])
    np.testing.assert_array_equal(found.tanh[:6], [-1, -1, 1, 1, np.nan, 0])
    np.testing.assert_allclose(found.gelu[1:6], [-1e30 * edge[0], 1e30, np.inf, np.nan, 0], 1e-6)


@pytest.mark.parametrize("model", ["gelu", "tanh"])
def test_empty_samples_are_evaluated_as_any_other(model: str) -> None:
    """They are counted, and their outputs computed apart, by the forward pass to read."""
    settings = cell(model, n=3, m=2, density=0.2)
    W, b = np.full((1, 2, 3), 0.5, np.float32), np.array([[0.3, -0.2, -1.5]], np.float32)
    runs = weights.Weights(settings, (0,), Parameters(W, b))
    sample = evaluation_sample(settings.features, 1, 4000)
    x = np.zeros((4000, 3))
    x[: len(sample.x)] = sample.x
    v = x @ W[0].T.astype(float) @ W[0] + b[0]
    y = {"gelu": portable_math.gelu, "tanh": np.tanh}[model](v)
    expected = (np.array(settings.model.importance) * (x - y) ** 2).mean()
    np.testing.assert_allclose(losses(runs, sample), expected, rtol=1e-12)
