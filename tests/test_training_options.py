"""Hidden biases, the penalty on activations and adversarial training, and what they leave alone."""

import numpy as np
import pytest
from cells import ROWS, cell, features, train_cell

from superposition.config.settings import Cell, TrainingSettings
from superposition.model import weights
from superposition.sampling.attacks import attacked_features, mean_input_norm
from superposition.sampling.philox import run_identity
from superposition.sampling.sample import evaluation_sample


def with_training(settings: Cell, **changes: float) -> Cell:
    return settings.model_copy(update={"training": settings.training.model_copy(update=changes)})


def test_options_that_are_off_leave_no_trace_in_settings() -> None:
    """So that weights and checksums of recipes without them are those of before there were any."""
    plain, unused = cell(), cell(activation_penalty=0.0, attack=0.0, initial_scale=1.0)
    assert plain.trained_with() == unused.trained_with()
    assert "attack" not in plain.trained_with()
    assert "initial_scale" in cell(initial_scale=0.5).trained_with()
    on = cell(activation_penalty=0.5, attack=0.25)
    assert Cell.model_validate_json(on.model_dump_json()) == on
    assert run_identity(on, 0) == run_identity(plain, 0)
    assert TrainingSettings.model_validate_json("{}").attack == 0.0


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


def test_hidden_biases_are_kept_of_that_model_alone(tmp_path) -> None:
    trained = {
        model: train_cell(cell(model, steps=30, snapshots=(0, 10)), range(2))
        for model in ("relu_hidden_biased", "relu_hidden")
    }
    weights.save(tmp_path / "w", trained)
    again = weights.load(tmp_path / "w")
    assert again["relu_hidden"].final.hidden_bias is None
    biased = again["relu_hidden_biased"]
    assert biased.final.hidden_bias is not None
    assert biased.final.hidden_bias.shape == (2, 3)
    assert np.abs(biased.final.hidden_bias).max() > 0.0
    assert not biased.snapshots[0].hidden_bias.any()


def test_a_biased_model_without_its_hidden_biases_is_refused(tmp_path) -> None:
    trained = train_cell(cell("relu_hidden", steps=0), range(1))
    model = trained.cell.model.model_copy(update={"model": "relu_hidden_biased"})
    other = weights.Weights(
        trained.cell.model_copy(update={"model": model}), trained.runs, trained.final
    )
    weights.save(tmp_path / "w", {"w": other})
    with pytest.raises(weights.WeightsError, match=r"array 'hidden_bias' is missing; .*\[1, 3\]"):
        weights.load(tmp_path / "w")


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
