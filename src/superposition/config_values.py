"""What `config.yaml` is made of: strict numbers, densities, importances, sets of features."""

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from superposition.config_errors import Problem
from superposition.settings import Frozen, digest

# Strict numbers: YAML's true is not 1, and a number in quotes is a mistake.
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Index = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(strict=True, gt=0)]
NotNegative = Annotated[float, Field(strict=True, ge=0)]
Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]
Probability = Annotated[float, Field(strict=True, gt=0, le=1, title="probability")]


class Section(Frozen):
    """A section of the file; its attribute docstrings become descriptions in the JSON schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_empty(cls, value: object) -> object:
        # A key without a value is a slip; taking the default would hide it.
        if value is None:
            raise PydanticCustomError("empty", "empty")
        return value


def report(problems: list[Problem]) -> None:
    """Raise several problems at once, from within a validator.

    Raises:
        PydanticCustomError: If there are any.
    """
    if problems:
        raise PydanticCustomError("problems", "several problems", {"problems": problems})


class Decay(Section):
    """Importance that falls by one factor from each feature to the next, I_i = decay^i."""

    decay: Positive
    """Importance of each feature relative to the one before; feature 0 has importance 1."""

    def values(self, n_features: int) -> tuple[float, ...]:
        """Return I_i, [n_features].

        Powers are repeated products: a product has the same bits on every machine, pow has not.
        """
        importance = [1.0]
        for _ in range(n_features - 1):
            importance.append(importance[-1] * self.decay)
        return tuple(importance)


class Geometric(Section):
    """Importance in equal ratios from the first feature to the last."""

    first: Positive
    """Importance of feature 0."""
    last: Positive
    """Importance of feature n − 1."""

    def values(self, n_features: int) -> tuple[float, ...]:
        """Return I_i, [n_features]; both ends are met exactly."""
        high, low = max(self.first, self.last), min(self.first, self.last)
        factor = _ratio(high, low, n_features - 1)
        falling = [high]
        for _ in range(n_features - 2):
            falling.append(max(low, falling[-1] * factor))
        falling.append(low)
        rising = self.first < self.last
        return tuple(falling[::-1] if rising else falling)[:n_features]


def _ratio(high: float, low: float, steps: int) -> float:
    """Return r ≤ 1 with high · r^steps = low to rounding.

    By bisection on products, until no float lies between the bounds: roots and logarithms from the
    system's library differ in the last bit from machine to machine, products do not.
    """
    below, above = 0.0, 1.0
    while below < (middle := (below + above) / 2) < above:
        value = high
        for _ in range(steps):
            value *= middle
        below, above = (middle, above) if value < low else (below, middle)
    return above


def _density_kind(value: object) -> str:
    return "<array>" if isinstance(value, list | tuple) else "<number>"


def _importance_kind(value: object) -> str | None:
    if isinstance(value, Section):
        return f"<{type(value).__name__}>"
    if not isinstance(value, Mapping):
        return _density_kind(value)
    decay, ends = "decay" in value, "first" in value or "last" in value
    # Neither, or both: the sections of two files may have been merged.
    return None if decay == ends else ("<Decay>" if decay else "<Geometric>")


Density = Annotated[
    Annotated[Probability, Tag("<number>")]
    | Annotated[tuple[Probability, ...], Tag("<array>"), Field(min_length=1)],
    Discriminator(_density_kind),
]
Importance = Annotated[
    Annotated[NotNegative, Tag("<number>")]
    | Annotated[Decay, Tag("<Decay>")]
    | Annotated[Geometric, Tag("<Geometric>")]
    | Annotated[tuple[NotNegative, ...], Tag("<array>"), Field(min_length=1)],
    Discriminator(_importance_kind),
]
FeatureSet = Annotated[tuple[Index, ...], Field(min_length=2)]


def density_label(density: float | int | Sequence[float]) -> str:
    """Return the name of a density in file names: p0.01, p1, or p0.05+d1e8f0c2 if features differ.

    Of densities that differ between features, the label shows the commonest and a digest of all.
    """
    values = tuple(map(float, density if isinstance(density, Sequence) else (density,)))
    common = statistics.mode(values)
    label = "p" + repr(common).removesuffix(".0")
    if len(set(values)) > 1:
        label += "+" + digest(json.dumps(values))[:8]
    return label
