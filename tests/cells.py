"""Small cells for tests."""

from typing import Any

from superposition.config.settings import Cell, FeatureSettings, ModelSettings, TrainingSettings
from superposition.model.weights import Weights
from superposition.training import train


def features(n: int, density: float | tuple[float, ...] = 0.3, **settings: Any) -> FeatureSettings:
    probabilities = density if isinstance(density, tuple) else (density,) * n
    return FeatureSettings(n_features=n, feature_probability=probabilities, **settings)


def cell(
    model: str = "relu",
    n: int = 7,
    m: int = 3,
    density: float | tuple[float, ...] = 0.3,
    importance: tuple[float, ...] | None = None,
    seed: int = 5,
    distribution: dict[str, Any] | None = None,
    **training: Any,
) -> Cell:
    return Cell(
        features=features(n, density, **(distribution or {})),
        model=ModelSettings(
            model=model,
            n_hidden=m,
            importance=importance or tuple(0.9**i for i in range(n)),
        ),
        training=TrainingSettings(**{"steps": 300, "batch": 192, **training}),
        seed=seed,
        runs=2,
        evaluation_samples=1000,
    )


SMALL: dict[str, Any] = {
    "seed": 7,
    "experiments": {
        "pairs": {
            "models": ["linear", "relu"],
            "n_features": 4,
            "n_hidden": 2,
            "importance": 1,
            "feature_probability": [1.0, 0.1],
        }
    },
}
"""A small configuration."""


def small(**pairs: Any) -> dict[str, Any]:
    """The small configuration with these keys in its one experiment as well."""
    return SMALL | {"experiments": {"pairs": SMALL["experiments"]["pairs"] | pairs}}


def train_cell(settings: Cell, runs: range, **options: Any) -> Weights:
    """Return the trained runs of one cell."""
    (weights,) = train([settings], runs, **options)
    return weights


SIGNED = {"value_range": "signed"}
SETS = {"correlated": ((0, 3), (1, 2, 5))}
ROWS = {
    "linear": cell("linear", density=0.5),
    "relu, dense": cell("relu", density=1.0, m=5, n=9),
    "relu, sieved": cell(n=3, m=2, density=0.08, distribution={"correlated": ((0, 1, 2),)}),
    "relu, jumping": cell("relu", n=30, m=6, density=0.02),
    "relu, densities of its own per feature": cell("relu", n=4, density=(1.0, 0.5, 0.05, 0.2)),
    "relu, batch not in blocks": cell("relu", density=0.6, batch=100),
    "relu, jumping, batch not in blocks": cell("relu", n=30, m=6, density=0.02, batch=100),
    "relu, wide": cell("relu", n=19, m=15, density=0.4),
    "relu, two vectors wide, jumping": cell("relu", n=41, m=30, density=0.05),
    "relu, two vectors wide": cell("relu", n=41, m=30, density=0.1),
    "absolute, wide": cell("absolute", n=9, m=47, density=0.4, distribution=SIGNED),
    "relu_hidden": cell("relu_hidden", density=0.3),
    "absolute": cell("absolute", n=5, m=8, density=0.4, distribution=SIGNED),
    "absolute, jumping": cell("absolute", n=40, m=12, density=0.03, distribution=SIGNED),
    "correlated": cell("relu", n=6, density=0.1, distribution=SETS),
    "anticorrelated": cell("relu", n=6, distribution={"anticorrelated": ((0, 1), (2, 4, 5))}),
    "adam with decay, linear schedule": cell(
        optimizer="adam", weight_decay=0.02, schedule="linear", learning_rate=3e-3
    ),
    "adamw, cosine schedule": cell(schedule="cosine", learning_rate=3e-3),
    "relu_hidden_biased": cell("relu_hidden_biased", density=0.8, learning_rate=3e-3),
    "relu_hidden_biased, sieved, batch not in blocks": cell(
        "relu_hidden_biased",
        n=4,
        m=3,
        density=0.05,
        distribution={"correlated": ((0, 1), (2, 3))},
        batch=100,
        learning_rate=3e-3,
    ),
    "relu_hidden_biased, wide, jumping, penalty": cell(
        "relu_hidden_biased", n=41, m=30, density=0.05, activation_penalty=2e-4
    ),
    "linear, penalty": cell("linear", density=0.5, activation_penalty=0.01),
    "relu, jumping, penalty": cell(n=30, m=6, density=0.02, activation_penalty=3e-4),
    "absolute, penalty": cell(
        "absolute", n=5, m=8, density=0.4, distribution=SIGNED, activation_penalty=0.003
    ),
    "gelu": cell("gelu", density=0.5, learning_rate=3e-3),
    "gelu, jumping": cell("gelu", n=30, m=6, density=0.02, learning_rate=3e-3),
    "gelu, attack": cell("gelu", n=20, m=5, density=0.4, attack=0.1),
    "tanh": cell("tanh", density=0.5, learning_rate=3e-3),
    "tanh, wide": cell("tanh", n=19, m=15, density=0.4),
    "relu_hidden_biased, biases begin at random": cell("relu_hidden_biased", initial_bias=0.5),
    "relu, falling to jumping": cell(n=30, m=6, density=0.02, initial_density=0.5),
    "relu, densities of its own per feature, falling": cell(
        n=4, density=(0.1, 0.1, 0.5, 0.02), initial_density=1.0, density_fall=1.0
    ),
    "correlated, falling": cell(
        n=6, density=0.1, distribution={"correlated": ((0, 3), (1, 2, 5))}, initial_density=0.6
    ),
    "relu, attack": cell(n=20, m=5, density=0.4, attack=0.1),
    "relu, attack, jumping, batch not in blocks": cell(
        n=30, m=6, density=0.02, batch=100, attack=0.8
    ),
    "relu, attack, wide": cell(n=19, m=15, density=0.4, attack=0.5),
    "relu, attack, correlated": cell(n=6, density=0.1, distribution=SETS, attack=0.8),
    "relu_hidden_biased, attack, penalty": cell(
        "relu_hidden_biased", batch=200, attack=0.3, activation_penalty=1e-3, learning_rate=3e-3
    ),
    "relu, growing batches, penalty": cell(
        density=0.6, initial_batch=64, batch=512, activation_penalty=1e-3
    ),
    "relu, jumping, falling, growing batches, attack": cell(
        n=30, m=6, density=0.02, initial_density=0.5, initial_batch=100, batch=256, attack=0.4
    ),
    "relu, values given, drawn to unit length": cell(
        n=19,
        m=5,
        density=tuple(0.9 / i**1.5 for i in range(1, 20)),
        distribution={"value_range": (0.5, 2.0)},
        weight_decay=-0.5,
        learning_rate=3e-3,
    ),
    "absolute, drawn to unit length, jumping, normalised": cell(
        "absolute",
        n=40,
        m=12,
        density=0.03,
        distribution={**SIGNED, "normalised": True},
        weight_decay=-1.0,
        warm_up=100,
        schedule="cosine",
        learning_rate=3e-3,
    ),
    "relu, normalised, a data set smaller than a batch": cell(
        n=20, m=2, density=0.4, distribution={"normalised": True}, examples=5, decay_biases=False
    ),
    "relu, a data set larger than a batch": cell(density=1.0, examples=448, batch=128),
    "relu, jumping, normalised, a data set": cell(
        n=41,
        m=30,
        density=0.05,
        distribution={"normalised": True},
        examples=200,
        batch=256,
        decay_biases=False,
        weight_decay=0.3,
        warm_up=20,
    ),
}
"""A cell for every row of the model table, every way in which samples are drawn, every option."""
