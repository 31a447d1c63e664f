"""Hidden biases, the penalty on activations and adversarial training, and what they leave alone."""

import numpy as np
import pytest
from cells import ROWS, cell, features

from superposition import data, weights
from superposition.attacks import attacked_features, mean_input_norm
from superposition.config import from_mapping
from superposition.evaluation import losses
from superposition.settings import Cell, TrainingSettings
from superposition.training import train


def with_training(settings: Cell, **changes: float) -> Cell:
    return settings.model_copy(update={"training": settings.training.model_copy(update=changes)})


def test_options_that_are_off_leave_no_trace_in_settings() -> None:
    """So that weights and checksums of recipes without them are those of before there were any."""
    plain, zero = cell(), cell(activation_penalty=0.0, attack=0.0)
    assert plain.trained_with() == zero.trained_with()
    assert "attack" not in plain.trained_with()
    on = cell(activation_penalty=0.5, attack=0.25)
    assert Cell.model_validate_json(on.model_dump_json()) == on
    assert on.run_identity(0) == plain.run_identity(0)
    assert TrainingSettings.model_validate_json("{}").attack == 0.0


def test_an_experiment_can_switch_off_what_is_on_for_all() -> None:
    pairs = {
        "models": ["relu"],
        "n_features": 4,
        "n_hidden": 2,
        "importance": 1,
        "feature_probability": [0.1],
    }
    config = from_mapping(
        {
            "seed": 0,
            "training": {"attack": 0.5, "activation_penalty": 0.1},
            "experiments": {"off": {**pairs, "training": {"attack": 0.0}}, "on": pairs},
        }
    )
    assert config.training_of("off").attack == 0.0
    assert config.training_of("off").activation_penalty == 0.1
    assert config.training_of("on").attack == 0.5


@pytest.mark.parametrize("name", ["relu, sieved", "relu, jumping", "relu, dense"])
def test_attacks_that_vanish_train_as_none(name: str) -> None:
    """Every sample is then computed, in tiles of its own making, but nothing else changes."""
    plain = train(ROWS[name], range(1))
    attacked = train(with_training(ROWS[name], attack=1e-9), range(1))
    np.testing.assert_allclose(attacked.W, plain.W, atol=2e-5)
    assert (attacked.W.tobytes() == plain.W.tobytes()) == (name == "relu, dense")


def test_a_penalty_that_vanishes_trains_as_none() -> None:
    settings = ROWS["relu_hidden"]
    plain = train(settings, range(1))
    assert train(with_training(settings, activation_penalty=1e-30), range(1)).W.tobytes() == (
        plain.W.tobytes()
    )


def test_a_penalty_shrinks_activations_and_a_large_one_kills_them() -> None:
    settings = with_training(ROWS["relu_hidden"], steps=3000, learning_rate=3e-3)
    x = data.generate(settings.features, 1, 2000).x
    sizes = []
    for penalty in (0.0, 0.03, 1.0):
        W = train(with_training(settings, activation_penalty=penalty), range(1)).W[0]
        sizes.append(np.maximum(x @ W.T, 0.0).sum(axis=1).mean())
    assert sizes[0] > 1.2 * sizes[1] > 1e3 * sizes[2]


def test_attacks_at_training_lower_the_norms() -> None:
    """Adversarial training reduces superposition: features per dimension ‖W‖²/m."""
    settings = cell(n=20, m=5, density=0.05, importance=(1.0,) * 20, steps=2500, learning_rate=1e-2)
    norms = [
        (train(with_training(settings, attack=attack), range(1)).W ** 2).sum() / 5
        for attack in (0.0, 0.3, 1.0)
    ]
    assert norms[0] > norms[1] > norms[2]


def test_hidden_biases_are_kept_in_files_of_that_model_alone(tmp_path) -> None:
    for model in ("relu_hidden_biased", "relu_hidden"):
        trained = train(cell(model, steps=30, snapshots=(0, 10)), range(2))
        weights.save(tmp_path / model, trained)
        again = weights.load(tmp_path / model)
        assert again.final.arrays().keys() == trained.final.arrays().keys()
        assert ("hidden_bias" in again.final.arrays()) == (model == "relu_hidden_biased")
    assert trained.hidden_bias is None
    biased = weights.load(tmp_path / "relu_hidden_biased")
    assert biased.hidden_bias is not None
    assert biased.hidden_bias.shape == (2, 3)
    assert np.abs(biased.hidden_bias).max() > 0.0
    assert not biased.snapshots[0].hidden_bias.any()


def test_a_biased_model_without_its_hidden_biases_is_refused(tmp_path) -> None:
    trained = train(cell("relu_hidden", steps=0), range(1))
    model = trained.cell.model.model_copy(update={"model": "relu_hidden_biased"})
    other = weights.Weights(
        trained.cell.model_copy(update={"model": model}), trained.runs, trained.final
    )
    with pytest.raises(ValueError, match=r"the last step: .* ask for .*'hidden_bias': \(1, 3\)"):
        weights.save(tmp_path / "w", other)


def test_a_diverged_hidden_bias_has_no_loss() -> None:
    trained = train(ROWS["relu_hidden_biased"], range(2))
    assert trained.hidden_bias is not None
    trained.hidden_bias[1, 0] = np.nan
    found = losses(trained, data.generate(trained.cell.features, 3, 100))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


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
    drawn = data.generate(distribution, 1, samples).x
    x[: len(drawn)] = drawn
    norms = np.sqrt((x**2).sum(axis=1))
    error = norms.std() / np.sqrt(samples)
    assert abs(mean_input_norm(distribution) - norms.mean()) < 4.0 * error
