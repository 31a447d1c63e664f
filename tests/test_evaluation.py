"""Samples, losses on them, the linear model's closed form, and gathering what jobs have trained."""

import re
import shutil
import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cells import ROWS, cell, small

from superposition.base.errors import UserError
from superposition.config.load import from_mapping
from superposition.config.models import MODELS
from superposition.config.settings import Cell
from superposition.measure.theory.linear import linear_loss
from superposition.model import weights
from superposition.model.forward import forward, target
from superposition.model.weights import WeightsError
from superposition.sampling.sample import batch, evaluation_sample
from superposition.sampling.statistics import describe
from superposition.training import evaluate, memory, train
from superposition.workflow.plan import Plan


@pytest.mark.parametrize("samples", [1, 2003])
@pytest.mark.parametrize(
    "name",
    [
        "linear",
        "relu, dense",
        "relu, jumping",
        "relu, wide",
        "relu_hidden",
        "relu_hidden_biased",
        "relu_hidden_biased, attack, penalty",
        "relu_hidden_biased, wide, jumping, penalty",
        "absolute",
    ],
)
def test_loss_is_the_weighted_squared_error_of_the_forward_pass(name: str, samples: int) -> None:
    settings = ROWS[name]
    trained = train([settings], range(2))[0]
    sample = evaluation_sample(settings.features, settings.seed, samples)
    x = np.zeros((samples, settings.features.n_features))
    x[: len(sample.x)] = sample.x  # the rest are empty, and order does not matter
    model = MODELS[settings.model.model]
    for run, loss in enumerate(evaluate.losses(trained, sample)):
        final = {name: array.astype(float) for name, array in trained.final[run].arrays().items()}
        y = forward(model, x=x, **final)
        expected = (np.array(settings.model.importance) * (target(model, x) - y) ** 2).mean()
        assert loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("density", [1.0, 0.3, 0.02])
def test_linear_loss_agrees_with_its_closed_form(density: float) -> None:
    """Mathematical Understanding: feature benefit and interference, here for uniform features."""
    settings = cell("linear", n=6, m=2, density=density)
    trained = train([settings], range(2))[0]
    importance = np.array(settings.model.importance)
    expected = [
        linear_loss(trained.W[r], trained.b[r], importance, settings.features) for r in range(2)
    ]
    samples = 400_000
    found = evaluate.losses(trained, evaluation_sample(settings.features, 1, samples))
    np.testing.assert_allclose(found, expected, rtol=12 / np.sqrt(samples * density))


def test_models_at_one_density_are_compared_on_one_sample() -> None:
    linear, relu = (cell(model, density=0.1) for model in ("linear", "relu"))
    a, b = (evaluation_sample(c.features, c.seed, 500) for c in (linear, relu))
    assert a.x.tobytes() == b.x.tobytes()
    assert a.empty + len(a.x) == 500
    assert evaluation_sample(relu.features, relu.seed + 1, 500).x.tobytes() != a.x.tobytes()


def test_statistics_are_within_a_few_standard_errors_of_what_was_promised() -> None:
    sets = {"anticorrelated": ((0, 1), (2, 4, 5))}
    settings = cell(n=6, distribution=sets).model_copy(update={"evaluation_samples": 50_000})
    cells = {"linear_p0.3": settings, "relu_p0.3+attack0.2": settings}  # of one distribution
    table, samples = describe(cells)
    assert set(table["density"]) == {"p0.3"}
    assert set(table["statistic"]) == {"empty", "active", "mean of active"}
    assert len(table["found"]) == 13
    assert len(samples["x"]) == 8
    assert [text.count(":") for text in samples["x"]] == list(samples["active"])
    off = np.abs(np.subtract(table["found"], table["promised"]))
    assert (off < 5 * np.array(table["standard_error"])).all()
    made = from_mapping(small(feature_probability=[0.1], frequency_exponent=[0.5, 1]))
    table, _ = describe({name.partition("/")[2]: one for name, one in made.cells().items()})
    assert set(table["density"]) == {"p0.1+frequency_exponent0.5", "p0.1+frequency_exponent1"}


def test_a_batch_is_what_the_run_saw() -> None:
    settings = ROWS["relu, jumping"]
    x = batch(settings, 1, 17)
    assert x.shape == (192, 30)
    assert not np.array_equal(x, batch(settings, 0, 17))
    np.testing.assert_array_equal(x, batch(settings, 1, 17))


def trained_files(folder: Path, cells: dict[str, Cell]) -> list[evaluate.Part]:
    files = [folder / "0-1.safetensors", folder / "2-2.safetensors"]
    parts = list(zip(files, (range(2), range(2, 3)), [list(cells)] * 2, strict=True))
    for file, runs, _ in parts:
        weights.save(file, dict(zip(cells, train(list(cells.values()), runs), strict=True)))
    return parts


def test_export_gathers_runs_and_compares_them(tmp_path: Path) -> None:
    settings = cell(steps=50, snapshots=(10, 50)).model_copy(update={"runs": 3})
    files = trained_files(tmp_path, {"a": settings})
    found = evaluate.export(files, {"a": settings})["a"]
    (together,) = train([settings], range(3))
    assert (found.cell, found.runs) == (settings, (0, 1, 2))
    for name, array in together.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    assert found.loss is not None
    assert found.snapshot_loss is not None
    assert found.best == found.loss.argmin()
    assert (found.snapshot_loss[0] > found.loss).all()
    np.testing.assert_array_equal(found.snapshot_loss[1], found.loss)
    sample = evaluation_sample(settings.features, settings.seed, 1000)
    np.testing.assert_array_equal(evaluate.losses(together, sample), found.loss)


def test_cells_of_one_job_are_trained_and_gathered_as_each_on_its_own(tmp_path: Path) -> None:
    row = {f"{k}": cell(n=3, m=2, importance=(1.0, 1.0, k), steps=60) for k in (0.1, 1.0, 4.0)}
    gathered = evaluate.export(trained_files(tmp_path, row), row)
    for name, settings in row.items():
        (alone,) = train([settings], range(3))
        np.testing.assert_array_equal(gathered[name].W, alone.W)
    assert len({found.W.tobytes() for found in gathered.values()}) == 3


def test_export_refuses_runs_that_are_not_those_of_the_configuration(tmp_path: Path) -> None:
    files = trained_files(tmp_path, {"a": cell(steps=5)})
    weights.save(files[1][0], {"a": train([cell(steps=6)], range(2, 3))[0]})
    with pytest.raises(WeightsError, match=r"2-2\.safetensors: a was trained with other settings"):
        evaluate.export(files, {"a": cell(steps=5)})
    with pytest.raises(WeightsError, match=r"0-1\.safetensors: .* delete it and run make"):
        evaluate.export(files, {"a": cell(steps=6)})


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda a, b: shutil.copy2(a, b), "2-2.safetensors: has runs 0–1 of a; expected run 2."),
        (lambda a, b: shutil.copy2(b, a), "0-1.safetensors: has run 2 of a; expected runs 0–1."),
        (lambda a, _: weights.save(a, {}), "0-1.safetensors: holds nothing; expected a, b."),
        (
            lambda a, _: weights.save(a, dict(zip("ba", weights.load(a).values(), strict=True))),
            "b was trained with other settings than the configuration has: "
            "features.feature_probability 0.3 instead of 0.1.",
        ),
    ],
    ids=["counted twice", "blamed by its place", "other cells", "names exchanged"],
)
def test_runs_that_are_not_those_of_their_place_are_refused(tmp_path, spoil, told) -> None:
    both = {"a": cell(steps=5, density=0.3), "b": cell(steps=5, density=0.1)}
    cells = {name: one.model_copy(update={"runs": 3}) for name, one in both.items()}
    parts = trained_files(tmp_path, cells)
    spoil(*(file for file, *_ in parts))
    with pytest.raises(WeightsError, match=re.escape(told)):
        evaluate.export(parts, cells)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        *product(("linear", "relu, sieved", "relu_hidden", "absolute"), ("W", "b")),
        ("relu_hidden_biased", "hidden_bias"),
    ],
)
def test_a_diverged_run_has_no_loss(name: str, array: str) -> None:
    trained = train([ROWS[name]], range(2))[0]
    trained.final.arrays()[array][1, ..., 0] = np.nan
    found = evaluate.losses(trained, evaluation_sample(ROWS[name].features, 3, 100))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(("n", "density"), [(20, 1.0), (20, 0.1), (200, 0.01)])
def test_memory_is_estimated_closely_and_never_too_low(n: int, density: float) -> None:
    settings = cell(n=n, m=8, density=density, steps=20_000, batch=1, snapshots=(1, 2, 3))
    settings = settings.model_copy(update={"evaluation_samples": round(1e6 / n / density)})
    (trained,) = train([settings], range(1))  # what is compiled, or kept, is there already
    found = peak_of(lambda: evaluate.compare(trained, evaluate.evaluation_sample_of(settings)))
    assert found < memory.of_comparing(settings) < 2 * found
    found = peak_of(lambda: train([settings], range(8), threads=2))
    estimate = memory.of_training([settings], 8, 2) - memory.of_training([], 0, 0)
    assert found < estimate < 4 * found


SMALL = {
    "models": ["relu"],
    "n_features": 5,
    "n_hidden": 2,
    "importance": 1,
    "feature_probability": [1.0],
    "runs": 2,
}
BIG = {"training": {"steps": 50_000_000}}


def test_the_workflow_knows_how_much_memory_experiments_take(monkeypatch) -> None:
    plan = Plan(from_mapping({"seed": 0, "experiments": {"a": SMALL, "b": SMALL | BIG}}))
    small, big = (
        SimpleNamespace(experiment=name, group="relu_p1", first=0, last=1) for name in "ab"
    )
    assert plan.memory_of_training(small, threads=1) == 1000
    assert 6000 < plan.memory_of_training(big, threads=2) < 7000
    assert plan.memory_of_training(big, threads=1, attempt=2) > 6000
    monkeypatch.setattr(memory, "memory", lambda: 2 * 10**9)
    plan.check_memory("a", 2)
    plan.check_memory("b", 0)  # trained elsewhere
    with pytest.raises(UserError, match=r"b/relu_p1: takes about 6.* GB of memory, .* 2 runs at a"):
        plan.check_memory("b", 2)
