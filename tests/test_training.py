"""The fused kernel against the torch reference, gradients, snapshots, neighbours and threads."""

import numpy as np
import pytest
import torch
from cells import ROWS, cell, train_cell

from superposition.config.models import MODELS
from superposition.model.weights import Weights
from superposition.sampling.attacks import attacked_features, mean_input_norm
from superposition.sampling.sample import batch, evaluation_sample
from superposition.training import reference
from superposition.training.fused import initial_parameters
from superposition.training.reference import ToyModel


def same_bytes(one: Weights, other: Weights) -> bool:
    pairs = zip(one.final.arrays().values(), other.final.arrays().values(), strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("name", ROWS)
def test_kernel_agrees_with_torch_after_hundreds_of_steps(name: str) -> None:
    kernel = train_cell(ROWS[name], range(2), engine="fused")
    reference = train_cell(ROWS[name], range(2), engine="torch")
    start = initial_parameters(ROWS[name], 0)
    for key, found in kernel.final.arrays().items():
        expected = reference.final.arrays()[key]
        moved = np.abs(expected[0] - start.arrays()[key][0]).max()
        assert moved > 0.05, (
            "training must have moved the weights for the comparison to mean anything"
        )
        np.testing.assert_allclose(found, expected, atol=2e-4 * max(1.0, moved))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU")
@pytest.mark.parametrize("name", ROWS)
def test_torch_on_a_gpu_agrees_with_torch_on_the_processor(name: str) -> None:
    ours, theirs = (
        reference.train(ROWS[name], range(2), 1, device=device) for device in ("cpu", "cuda")
    )
    for key, found in theirs.final.arrays().items():
        np.testing.assert_allclose(found, ours.final.arrays()[key], atol=2e-4)


@pytest.mark.parametrize("name", ROWS)
def test_gradients_equal_those_of_autograd_in_float64(name: str) -> None:
    """Without memory and with a huge ε, Adam moves a parameter by rate / ε times its gradient."""
    recipe = {
        "optimizer": "adam",
        "weight_decay": 0.0,
        "schedule": "constant",
        "beta1": 0.0,
        "beta2": 0.0,
        "epsilon": 1e6,
        "learning_rate": 1e8,
        "steps": 1,
    }
    settings = ROWS[name]
    settings = settings.model_copy(update={"training": settings.training.model_copy(update=recipe)})
    start = initial_parameters(settings, 0)
    model = ToyModel(MODELS[settings.model.model], start).double()
    x = torch.from_numpy(batch(settings, 0, 0)).double()
    importance = torch.tensor(settings.model.importance, dtype=torch.float64)
    training, attack = settings.training, None
    if training.attack:
        length = training.attack * mean_input_norm(settings.features)
        attack = model.attack(torch.from_numpy(attacked_features(settings, 0, 0)), length)
    model.loss(x, importance, training.activation_penalty, attack).backward()
    trained = train_cell(settings, range(1), engine="fused")
    for key, array in trained.final.arrays().items():
        expected = getattr(model, key).grad.numpy()
        found = (start.arrays()[key][0] - array[0]) / 100.0
        np.testing.assert_allclose(found, expected, atol=2e-6 * np.abs(expected).max() + 1e-9)


def test_a_run_does_not_depend_on_its_neighbours_or_on_threads() -> None:
    settings = ROWS["relu, sieved"]
    alone = train_cell(settings, [3], threads=1)
    together = train_cell(settings, range(5), threads=2)
    assert alone.W[0].tobytes() == together.W[3].tobytes()
    assert alone.b[0].tobytes() == together.b[3].tobytes()
    assert alone.W[0].tobytes() != together.W[2].tobytes()


def test_a_longer_training_begins_as_the_shorter_one_in_both_engines() -> None:
    shorter = train_cell(cell(steps=137), range(2))
    longer, reference = (
        train_cell(cell(steps=400, snapshots=(0, 137, 400)), range(2), engine=engine)
        for engine in ("fused", "torch")
    )
    assert shorter.W.tobytes() == longer.snapshots[1].W.tobytes()
    assert longer.snapshots[2].W.tobytes() == longer.W.tobytes()
    np.testing.assert_array_equal(longer.snapshots[0].W[1], initial_parameters(cell(), 1).W[0])
    np.testing.assert_allclose(longer.snapshots.W, reference.snapshots.W, atol=2e-4)


def test_initial_weights_have_the_variance_of_one_model() -> None:
    settings = cell(n=200, m=30)
    W = np.stack([initial_parameters(settings, run).W[0] for run in range(5)])
    assert W.std() == pytest.approx(np.sqrt(2.0 / 230.0), rel=0.01)
    assert abs(W.mean()) < 0.001
    assert abs(np.corrcoef(W[0].ravel(), W[1].ravel())[0, 1]) < 0.04


@pytest.mark.parametrize("engine", ["fused", "torch"])
@pytest.mark.parametrize("model", ["relu", "absolute"])
def test_the_initial_scale_multiplies_the_same_start(model: str, engine: str) -> None:
    small = train_cell(cell(model, initial_scale=0.25, steps=0), [1], engine=engine)
    for name, array in initial_parameters(cell(model), 1).arrays().items():
        np.testing.assert_array_equal(small.final.arrays()[name], np.float32(0.25) * array)


def test_interrupting_stops_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_cell(cell(steps=3_000_000), range(2), threads=2, progress=interrupt)


@pytest.mark.parametrize("name", ["relu, sieved", "relu, jumping", "absolute"])
def test_training_lowers_the_loss(name: str) -> None:
    from superposition.training.evaluate import losses

    sample = evaluation_sample(ROWS[name].features, 1, 4000)
    longer = ROWS[name].training.model_copy(update={"steps": 3000, "snapshots": (0,)})
    weights = train_cell(ROWS[name].model_copy(update={"training": longer}), range(1))
    before = Weights(weights.cell, weights.runs, weights.snapshots[0])
    assert losses(weights, sample)[0] < 0.8 * losses(before, sample)[0]
