"""A GPU is tried before it is trusted: it has to give the processor's bytes for small networks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from superposition.base.canonical import digest
from superposition.base.files import OutputError, cache_folder, write_text
from superposition.config.models import ModelName
from superposition.config.settings import Cell, FeatureSettings, ModelSettings, TrainingSettings
from superposition.model.weights import Weights
from superposition.training import fused
from superposition.training.cuda import GpuError
from superposition.training.cuda.driver import NvidiaGpu

_RUNS = range(3)

Train = Callable[[Sequence[Cell], Sequence[int]], list[Weights]]


def check(gpu: NvidiaGpu, train_on_it: Train) -> None:
    """Make sure, once for each kind of GPU, driver and kernel, that it gives the right bytes.

    Raises:
        GpuError: If it does not.
    """
    passed = cache_folder() / f"gpu-{digest(gpu.identity)[:16]}.checked"
    if passed.exists():
        return
    for cell in cells():
        [found] = train_on_it([cell], _RUNS)
        expected = fused.train(cell, _RUNS, 1)
        for name, array in expected.final.arrays().items():
            if found.final.arrays()[name].tobytes() != array.tobytes():
                raise GpuError(
                    f"{gpu.name} gives other bytes than the processor, in {name} of a small "
                    f"{cell.model.model} model, so nothing is trained on it. Choose the engine "
                    f"fused, and please report this with: {gpu.identity}."
                )
    with suppress(OutputError):
        write_text(passed, f"{gpu.identity}\n")


def cells() -> list[Cell]:
    """Small networks that together use all of the kernel."""
    return [
        _cell("relu", 5, 2, 0.5),
        _cell("relu", 3, 2, 0.1),
        _cell("relu", 30, 6, 0.02, optimizer="adam", weight_decay=0.01),
        _cell("relu", 41, 30, 0.1),
        _cell("gelu", 5, 2, 0.4),
        _cell("tanh", 5, 2, 0.4),
        _cell("absolute", 40, 12, 0.03),
        _cell("relu_hidden_biased", 9, 15, 0.4, activation_penalty=1e-3, attack=0.3),
        _cell("linear", 7, 3, 0.5, decay_biases=False, weight_decay=0.1),
        _cell("relu_hidden", 12, 4, 0.1, _SETS, initial_density=1.0, initial_batch=64),
        _cell("relu", 12, 4, 0.1, {"normalised": True}, weight_decay=-1.0, examples=150, warm_up=5),
    ]


_SETS = {"correlated": ((0, 1, 2),), "anticorrelated": ((3, 4),)}


def _cell(
    model: ModelName,
    n: int,
    m: int,
    density: float,
    features: Mapping[str, Any] = MappingProxyType({}),
    **training: Any,
) -> Cell:
    return Cell(
        features=FeatureSettings(
            n_features=n,
            feature_probability=(density,) * n,
            value_range="signed" if model == "absolute" else "unit",
            **features,
        ),
        model=ModelSettings(model=model, n_hidden=m, importance=(1.0,) * n),
        training=TrainingSettings(**{"steps": 20, "batch": 200, **training}),
        seed=0,
        runs=len(_RUNS),
        evaluation_samples=1,
    )
