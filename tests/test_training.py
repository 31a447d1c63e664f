"""The fused kernel against the torch reference, gradients, snapshots, neighbours and threads.

Hidden biases, the penalty on activations and adversarial training, and what they leave alone.
"""

import numpy as np
import pytest
import torch
from cells import ROWS, cell, features, train_cell

from superposition.config.derived import samples_per_step
from superposition.config.models import MODELS
from superposition.config.settings import Cell, TrainingSettings
from superposition.sampling.attacks import attacked_features, mean_input_norm
from superposition.sampling.philox import run_identity
from superposition.sampling.sample import batch, evaluation_sample
from superposition.sampling.schedule import STAGES, samples_seen, stage_at
from superposition.training import reference
from superposition.training.fused import initial_parameters
from superposition.training.layout import learning_rates
from superposition.training.reference import ToyModel


@pytest.mark.parametrize("name", ROWS)
def test_kernel_agrees_with_torch_after_hundreds_of_steps(name: str) -> None:
    kernel = train_cell(ROWS[name], range(2), engine="fused")
    reference = train_cell(ROWS[name], range(2), engine="torch")
    start = initial_parameters(ROWS[name], 0)
    for key, found in kernel.final.arrays().items():
        expected = reference.final.arrays()[key]
        moved = np.abs(expected[0] - start.arrays()[key][0]).max()
        assert moved > 0.02, (
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
        "warm_up": 0,
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


@pytest.mark.parametrize("engine", ["fused", "torch"])
@pytest.mark.parametrize("model", ["relu", "absolute"])
def test_initial_biases_are_normal_and_change_no_weight(model: str, engine: str) -> None:
    settings = cell(model, n=400, m=3, initial_bias=0.5, steps=0)
    started = train_cell(settings, [0, 1], engine=engine).final.arrays()
    others = train_cell(cell(model, n=400, m=3, steps=0), [0, 1], engine=engine).final.arrays()
    for name, array in others.items():
        assert name == "b" or started[name].tobytes() == array.tobytes()
    assert not others["b"].any()
    assert started["b"].std(axis=1) == pytest.approx([0.5, 0.5], rel=0.1)
    np.testing.assert_allclose(started["b"].mean(axis=1), 0, atol=0.1)
    assert abs(np.corrcoef(started["b"])[0, 1]) < 0.2
    assert abs(np.corrcoef(started["b"][0], started["W"][0, 0])[0, 1]) < 0.2


# Options


def with_training(settings: Cell, **changes: float) -> Cell:
    return settings.model_copy(update={"training": settings.training.model_copy(update=changes)})


def test_options_that_are_off_leave_no_trace_in_settings() -> None:
    """So that weights and checksums of recipes without them are those of before there were any."""
    plain, unused = cell(), cell(activation_penalty=0.0, attack=0.0, initial_scale=1.0)
    unused = with_training(unused, initial_density=0.0, density_fall=0.6)
    assert plain.trained_with() == unused.trained_with()
    assert "attack" not in plain.trained_with()
    assert "initial_scale" in cell(initial_scale=0.5).trained_with()
    on = cell(activation_penalty=0.5, attack=0.25)
    assert Cell.model_validate_json(on.model_dump_json()) == on
    assert run_identity(on, 0) == run_identity(plain, 0)
    assert TrainingSettings.model_validate_json("{}").attack == 0.0


def test_densities_fall_in_equal_ratios_and_stay_at_the_features_own() -> None:
    settings = cell(n=2, density=(0.001, 0.001), initial_density=0.5, steps=1000)
    found = [stage_at(settings, step).features.feature_probability[0] for step in range(1000)]
    assert found[0] == 0.5
    assert set(found[600:]) == {0.001}
    np.testing.assert_allclose(found[300], np.sqrt(0.5 * 0.001), rtol=1e-9)
    ratios = np.array(found[1:600]) / found[:599]
    assert set(np.unique(ratios.round(9))) == {1.0, round(0.002 ** (1 / STAGES), 9)}


def test_a_factor_common_to_all_features_leaves_none_denser_than_one() -> None:
    settings = cell(n=3, density=(0.1, 0.1, 0.5), initial_density=0.4, steps=100)
    assert stage_at(settings, 0).features.feature_probability == (0.4, 0.4, 1.0)
    assert stage_at(settings, 60).features == settings.features


def test_batches_grow_in_equal_ratios_and_whole_blocks() -> None:
    settings = cell(initial_batch=64, batch=4096, steps=640)
    found = np.array([len(batch(settings, 0, step)) for step in range(640)])
    assert (found[0], found[-1]) == (64, 3840)
    assert set(np.unique(found % 64)) == {0}
    expected = 64 * 64 ** (np.repeat(np.arange(STAGES), 10) / STAGES)
    assert np.abs(found - expected).max() <= 32
    assert samples_seen(settings.training) == found.sum()
    assert samples_seen(with_training(settings, initial_batch=0).training) == 640 * 4096


def test_batches_are_drawn_at_the_density_of_their_step() -> None:
    settings = cell(n=40, density=0.01, initial_density=0.8, steps=100, batch=4000)
    shares = [(batch(settings, 0, step) > 0).mean() for step in (0, 30, 60, 99)]
    np.testing.assert_allclose(shares, [0.8, np.sqrt(0.8 * 0.01), 0.01, 0.01], rtol=0.05)
    own = batch(cell(n=40, density=0.01, batch=4000), 0, 60)
    np.testing.assert_array_equal(batch(settings, 0, 60), own)


def test_samples_that_begin_at_the_features_own_density_train_as_without_a_schedule() -> None:
    plain, level = cell(density=0.25, steps=90), cell(density=0.25, steps=90, initial_density=0.25)
    assert train_cell(level, range(1)).W.tobytes() == train_cell(plain, range(1)).W.tobytes()


@pytest.mark.parametrize(
    "name", ["relu, a data set larger than a batch", "relu, jumping, normalised, a data set"]
)
def test_a_data_set_is_gone_round_and_is_the_beginning_of_a_larger_one(name: str) -> None:
    settings = ROWS[name]
    samples, examples = samples_per_step(settings.training), settings.training.examples
    seen = np.concatenate([batch(settings, 0, step) for step in range(8)])
    np.testing.assert_array_equal(seen[examples:], seen[: len(seen) - examples])
    assert len(np.unique(seen[:examples], axis=0)) > 0.7 * examples
    twice = batch(with_training(settings, examples=2 * examples), 0, 0)
    np.testing.assert_array_equal(twice[:samples], seen[: len(twice[:samples])])


def test_a_warm_up_reaches_the_full_rate_and_the_schedule_follows() -> None:
    recipe = TrainingSettings(warm_up=4, steps=12, learning_rate=0.5, schedule="linear")
    expected = [*(np.arange(1, 5) / 8), *(0.5 - np.arange(8) / 16)]
    np.testing.assert_allclose(learning_rates(recipe), expected, rtol=1e-15)


def test_vectors_drawn_to_unit_length_reach_it_and_biases_are_left_alone() -> None:
    alone = {"optimizer": "adamw", "steps": 400, "batch": 1, "learning_rate": 0.01}
    settings = cell("absolute", n=9, m=5, weight_decay=-2.0, **alone)
    # Importance of nothing but one feature: the others' biases and output vectors see no gradient.
    settings = settings.model_copy(
        update={"model": settings.model.model_copy(update={"importance": (1.0,) + (0.0,) * 8})}
    )
    weights = train_cell(settings, range(2))
    assert weights.final.W_out is not None
    lengths = np.linalg.norm(weights.final.W_out[:, 1:], axis=2)
    np.testing.assert_allclose(lengths, 1.0, atol=2e-3)
    assert not weights.b[:, 1:].any()


def test_snapshots_of_a_falling_density_are_those_of_training_in_one_piece() -> None:
    """Wherever training pauses: at steps between stages, and at those where one begins."""
    settings = cell(n=30, m=6, density=0.02, initial_density=1.0, steps=200)
    kept = (0, 1, 37, 60, 120, 121, 200)
    watched = train_cell(with_training(settings, snapshots=kept), range(1))
    assert watched.W.tobytes() == train_cell(settings, range(1)).W.tobytes()
    assert watched.snapshots is not None
    assert len({W.tobytes() for W in watched.snapshots.W}) == len(kept)


@pytest.mark.parametrize("name", ["relu, sieved", "relu, jumping", "relu, dense"])
def test_attacks_that_vanish_train_as_none(name: str) -> None:
    """Every sample is then computed, in tiles of its own making, but nothing else changes."""
    plain = train_cell(ROWS[name], range(1))
    attacked = train_cell(with_training(ROWS[name], attack=1e-20), range(1))
    np.testing.assert_allclose(attacked.W, plain.W, atol=2e-5)
    assert attacked.W.tobytes() == plain.W.tobytes() or name == "relu, jumping"


def test_a_penalty_that_vanishes_trains_as_none() -> None:
    plain, penalised = (
        train_cell(with_training(ROWS["relu_hidden"], activation_penalty=penalty), range(1))
        for penalty in (0.0, 1e-30)
    )
    assert penalised.W.tobytes() == plain.W.tobytes()


def test_a_penalty_shrinks_activations_and_a_large_one_kills_them() -> None:
    settings = with_training(ROWS["relu_hidden"], steps=3000, learning_rate=3e-3)
    x = evaluation_sample(settings.features, 1, 2000).x
    sizes = []
    for penalty in (0.0, 0.03, 1.0):
        W = train_cell(with_training(settings, activation_penalty=penalty), range(1)).W[0]
        sizes.append(np.maximum(x @ W.T, 0.0).sum(axis=1).mean())
    assert sizes[0] > 1.2 * sizes[1] > 1e3 * sizes[2]


def test_attacks_at_training_lower_the_norms() -> None:
    """Adversarial training reduces superposition: features per dimension ‖W‖²/m."""
    settings = cell(n=20, m=5, density=0.05, importance=(1.0,) * 20, steps=2500, learning_rate=1e-2)
    norms = [
        (train_cell(with_training(settings, attack=attack), range(1)).W ** 2).sum() / 5
        for attack in (0.0, 0.3, 1.0)
    ]
    assert norms[0] > norms[1] > norms[2]


def test_hidden_biases_are_of_that_model_alone() -> None:
    biased, plain = (
        train_cell(cell(model, steps=30, snapshots=(0, 10)), range(2))
        for model in ("relu_hidden_biased", "relu_hidden")
    )
    assert plain.final.hidden_bias is None
    assert biased.final.hidden_bias.shape == (2, 3)
    assert np.abs(biased.final.hidden_bias).max() > 0.0
    assert not biased.snapshots[0].hidden_bias.any()


def test_every_feature_is_attacked_equally_often_anew_at_every_step() -> None:
    settings = cell(n=5, batch=50_000)
    chosen = attacked_features(settings, 0, 3)
    np.testing.assert_allclose(np.bincount(chosen) / 50_000, 0.2, atol=0.01)
    for run, step in ((0, 4), (1, 3)):
        assert (attacked_features(settings, run, step) == chosen).mean() < 0.25


def test_mean_input_norm_of_one_two_and_three_dense_features() -> None:
    """Mean distances from the corner of a unit interval, square and cube."""
    known = (0.5, (np.sqrt(2.0) + np.arcsinh(1.0)) / 3.0, 0.960591956455052)
    for n, norm in enumerate(known, 1):
        assert mean_input_norm(features(n, 1.0)) == pytest.approx(norm, rel=1e-10)
    assert mean_input_norm(features(1, 0.01)) == pytest.approx(0.005, rel=1e-10)
    for ends, mean in {(2.0, 3.0): 2.5, (-1.0, 3.0): 1.25, (0.001, 0.1): 0.0505}.items():
        one = features(1, 0.3, value_range=ends)
        assert mean_input_norm(one) == pytest.approx(0.3 * mean, rel=1e-9)


@pytest.mark.parametrize(
    "distribution",
    [
        features(30, 0.02),
        features(400, 0.5),
        features(4, (1.0, 0.5, 0.05, 0.2), value_range="signed"),
        features(6, 0.2, correlated=((0, 3), (1, 2, 5))),
        features(6, 0.4, anticorrelated=((0, 1), (2, 4, 5))),
    ],
)
def test_mean_input_norm_is_that_of_a_sample(distribution) -> None:
    samples = 40_000
    x = np.zeros((samples, distribution.n_features))
    drawn = evaluation_sample(distribution, 1, samples).x
    x[: len(drawn)] = drawn
    norms = np.sqrt((x**2).sum(axis=1))
    error = norms.std() / np.sqrt(samples)
    assert abs(mean_input_norm(distribution) - norms.mean()) < 4.0 * error
