"""What `config.yaml` is made of: strict numbers, densities, importances, sets of features."""

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from superposition.config_errors import Problem
from superposition.settings import Count, Frozen, Index, NotNegative, Positive, digest

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
        """Return I_i, [n_features]."""
        return _equal_ratios(self.first, self.last, n_features)


class Range(Section):
    """Values in equal ratios from the first to the last, each to four digits."""

    first: Positive
    """The first value."""
    last: Positive
    """The last value."""
    points: Annotated[int, Field(strict=True, ge=2)]
    """How many values there are, both ends included."""

    def values(self) -> tuple[float, ...]:
        """Return the values: short ones, since they become part of file names."""
        exact = _equal_ratios(self.first, self.last, self.points)
        return tuple(float(f"{value:.4g}") for value in exact)


class DensityRange(Range):
    """Feature densities in equal ratios from the first to the last, each to four digits."""

    first: Probability
    """The first density."""
    last: Probability
    """The last density."""


class StepRange(Section):
    """Steps in equal ratios from the first to the last, each rounded: dense early in training."""

    first: Count
    """The first step, at least 1."""
    last: Count
    """The last step."""
    points: Annotated[int, Field(strict=True, ge=2)]
    """How many steps there are, both ends included; fewer if several round to the same."""

    def values(self) -> tuple[int, ...]:
        """Return the steps, rising, each once."""
        exact = _equal_ratios(float(self.first), float(self.last), self.points)
        return tuple(sorted({int(value + 0.5) for value in exact}))


def _equal_ratios(first: float, last: float, count: int) -> tuple[float, ...]:
    """Return numbers in equal ratios; both ends are met exactly."""
    high, low = max(first, last), min(first, last)
    factor = _ratio(high, low, count - 1)
    falling = [high]
    for _ in range(count - 2):
        falling.append(max(low, falling[-1] * factor))
    falling.append(low)
    return tuple(falling[::-1] if first < last else falling)[:count]


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


def _values_kind(value: object) -> str:
    return "<Range>" if isinstance(value, Mapping | Range) else "<array>"


def _steps_kind(value: object) -> str:
    return "<StepRange>" if isinstance(value, Mapping | StepRange) else "<array>"


def _densities_kind(value: object) -> str:
    return _values_kind(value).replace("<Range>", "<DensityRange>")


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
Densities = Annotated[
    Annotated[tuple[Density, ...], Tag("<array>"), Field(min_length=1)]
    | Annotated[DensityRange, Tag("<DensityRange>")],
    Discriminator(_densities_kind),
]
Ratios = Annotated[
    Annotated[tuple[Positive, ...], Tag("<array>"), Field(min_length=1)]
    | Annotated[Range, Tag("<Range>")],
    Discriminator(_values_kind),
]
Steps = Annotated[
    Annotated[tuple[Index, ...], Tag("<array>")] | Annotated[StepRange, Tag("<StepRange>")],
    Discriminator(_steps_kind),
]
Importance = Annotated[
    Annotated[NotNegative, Tag("<number>")]
    | Annotated[Decay, Tag("<Decay>")]
    | Annotated[Geometric, Tag("<Geometric>")]
    | Annotated[tuple[NotNegative, ...], Tag("<array>"), Field(min_length=1)],
    Discriminator(_importance_kind),
]
FeatureSet = Annotated[tuple[Index, ...], Field(min_length=2)]


def ratios(given: "tuple[float, ...] | Range") -> tuple[float, ...]:
    """Return numbers that are written as a list or as a range."""
    return given.values() if isinstance(given, Range) else given


def density_label(density: float | int | Sequence[float]) -> str:
    """Return the name of a density in file names: p0.01, p1, or p0.05+d1e8f0c2 if features differ.

    Of densities that differ between features, the label shows the commonest and a digest of all;
    if only the last feature differs, its density: p0.05+last0.02.
    """
    values = tuple(map(float, density if isinstance(density, Sequence) else (density,)))
    common = statistics.mode(values)
    label = "p" + _short(common)
    if len(values) > 2 and set(values[:-1]) == {common} != {values[-1]}:
        label += "+last" + _short(values[-1])
    elif len(set(values)) > 1:
        label += "+" + digest(json.dumps(values))[:8]
    return label


def _short(number: float) -> str:
    return repr(number).removesuffix(".0")
