"""What `config.yaml` is made of: strict numbers, densities, importances, sets of features."""

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from superposition.base import portable_math
from superposition.base.canonical import digest
from superposition.config.messages import TOLD, Problem
from superposition.config.settings import (
    Count,
    Frozen,
    Index,
    NotNegative,
    Number,
    Positive,
    ValueRange,
)

RAREST = 1e-6
"""The least density: at a smaller one, samples hold nothing to learn from."""
Probability = Annotated[float, Field(strict=True, ge=RAREST, le=1, title="probability")]


class Section(Frozen):
    """A section of the file; its attribute docstrings become descriptions in the JSON schema."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, given: object) -> object:
        # Before all else in the section: what a misspelt key was to say would be missing as well.
        keys = map(str, given) if isinstance(given, Mapping) else ()
        unknown = [key for key in keys if key not in cls.model_fields]
        # What is meant is only looked for where a person reads it, as it takes its time.
        report([((k,), cls._unknown(k) if i < TOLD else "") for i, k in enumerate(unknown)])
        return given

    @classmethod
    def _unknown(cls, key: str) -> str:
        """What is wrong with a key, and which was probably meant."""
        meant = {name: name for name in cls.model_fields}
        for section, field in cls.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
                meant = {k: f"{section}.{k}" for k in field.annotation.model_fields} | meant
        meant |= {word: meant[name] for word, name in _OTHER_WORDS.items() if name in meant}
        if near := get_close_matches(key.lower(), meant, 1):
            return f"is not a key here; did you mean {meant[near[0]]}?"
        return f"is not a key here; expected one of {', '.join(cls.model_fields)}."

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_empty(cls, value: object) -> object:
        # A key without a value is a slip; taking the default would hide it.
        if value is None:
            raise PydanticCustomError("empty", "no value")
        return value


def report(problems: list[Problem]) -> None:
    """Raise several problems at once, if there are any, from within a validator."""
    if problems:
        raise PydanticCustomError("problems", "several problems", {"problems": problems})


class Decay(Section):
    """Importance that falls by one factor from each feature to the next, I_i = decay^i."""

    decay: Positive
    """Importance of each feature relative to the one before; feature 0 has importance 1."""

    def values(self, n_features: int) -> tuple[float, ...]:
        """I_i, [n_features]."""
        # Repeated products: they have the same bits on every machine, powers have not.
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
        """I_i, [n_features]."""
        return _equal_ratios(self.first, self.last, n_features)


class Range(Section):
    """Values in equal ratios from the first to the last, each to four digits."""

    first: Positive
    """The first value."""
    last: Positive
    """The last value."""
    points: Annotated[int, Field(strict=True, ge=2, le=1000)]
    """How many values there are, both ends included."""

    def values(self) -> tuple[float, ...]:
        """The values, short ones: they become part of file names."""
        exact = _equal_ratios(self.first, self.last, self.points)
        return tuple(float(f"{value:.4g}") for value in exact)


class DensityRange(Range):
    """Feature densities in equal ratios from the first to the last, each to four digits."""

    first: Probability
    """The first density."""
    last: Probability
    """The last density."""


_OTHER_WORDS = {
    "sparsity": "feature_probability",
    "density": "feature_probability",
    "activation": "models",
    "lr": "learning_rate",
    "batch_size": "batch",
}
"""Words that people use for keys."""
_SNAPSHOTS = 10_000


class StepRange(Section):
    """Steps in equal ratios from the first to the last, each rounded: dense early in training."""

    first: Count
    """The first step, at least 1."""
    last: Count
    """The last step."""
    points: Annotated[int, Field(strict=True, ge=2, le=_SNAPSHOTS)]
    """How many steps there are, both ends included; fewer if several round to the same."""

    def values(self) -> tuple[int, ...]:
        """The steps, rising, each once."""
        exact = _equal_ratios(float(self.first), float(self.last), self.points)
        return tuple(sorted({int(value + 0.5) for value in exact}))


def _equal_ratios(first: float, last: float, count: int) -> tuple[float, ...]:
    """Numbers in equal ratios; both ends are met exactly."""
    high, low = max(first, last), min(first, last)
    factor = _ratio(high, low, count - 1)
    falling = [high]
    for _ in range(count - 2):
        falling.append(max(low, falling[-1] * factor))
    falling.append(low)
    return tuple(falling[::-1] if first < last else falling)[:count]


def _ratio(high: float, low: float, steps: int) -> float:
    """The r ≤ 1 with high · r^steps = low to rounding.

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


def _form(value: object) -> str:
    """The form in which a value is written, as a tag of the alternatives below."""
    if isinstance(value, list | tuple):
        return "<list>"
    return "<keys>" if isinstance(value, Mapping | Section) else "<one>"


def _importance_form(value: object) -> str:
    decaying = isinstance(value, Decay) or (isinstance(value, Mapping) and "decay" in value)
    return "<decay>" if decaying else _form(value)


def forms(expected: str, tell: Callable[[object], str] = _form) -> Discriminator:
    """The choice between alternatives by the tag of a value; messages say what is expected."""
    return Discriminator(tell, custom_error_type="form", custom_error_message=expected)


_RANGE = forms("a list, or {first: …, last: …, points: …}")

Density = Annotated[
    Annotated[Probability, Tag("<one>")]
    | Annotated[tuple[Probability, ...], Tag("<list>"), Field(min_length=1)],
    forms("a number, or a list with one for each feature"),
]
Densities = Annotated[
    Annotated[tuple[Density, ...], Tag("<list>"), Field(min_length=1)]
    | Annotated[DensityRange, Tag("<keys>")],
    _RANGE,
]
Ratios = Annotated[
    Annotated[tuple[Positive, ...], Tag("<list>")] | Annotated[Range, Tag("<keys>")],
    _RANGE,
]
Steps = Annotated[
    Annotated[tuple[Index, ...], Tag("<list>"), Field(max_length=_SNAPSHOTS)]
    | Annotated[StepRange, Tag("<keys>")],
    _RANGE,
]
Values = Annotated[
    Annotated[ValueRange, Tag("<one>")] | Annotated[tuple[Number, Number], Tag("<list>")],
    forms("unit, signed, or [lowest, highest]"),
]
Importance = Annotated[
    Annotated[NotNegative, Tag("<one>")]
    | Annotated[Decay, Tag("<decay>")]
    | Annotated[Geometric, Tag("<keys>")]
    | Annotated[tuple[NotNegative, ...], Tag("<list>"), Field(min_length=1)],
    forms("a number, {decay: …}, {first: …, last: …} or a list", _importance_form),
]
FeatureSet = Annotated[tuple[Index, ...], Field(min_length=2)]


FrequencyLaw = Literal["power", "exponential", "linear"]
_POWER, _LENGTHS = 1.2, 10.0
"""About as in Liu, Liu and Gore (2025): 10,240 densities fall as i^−1.2, or by e in each 1,000."""


def falling(mean: float, law: float | FrequencyLaw, count: int) -> tuple[float, ...]:
    """Numbers that fall by a law, or as i^−law, with a given mean, each to six digits.

    Over i = 1 … count, a power law goes as i^−1.2, an exponential as e^(−10 i / count), and linear
    numbers as count + 1 − i.
    """
    i = np.arange(1.0, count + 1)
    if law == "linear":
        falling = i[::-1]
    elif law == "exponential":
        falling = portable_math.exp(-_LENGTHS * i / count)
    else:
        exponent = _POWER if isinstance(law, str) else law
        falling = portable_math.exp(-exponent * portable_math.log(i))
    scaled = mean * count / math.fsum(falling) * falling
    return tuple(float(f"{value:.6g}") for value in scaled)


def listed(given: Any) -> tuple[Any, ...]:
    """The values of a key that is written as a list or as a range."""
    return given.values() if isinstance(given, Range | StepRange) else given


def density_label(density: float | Sequence[float]) -> str:
    """The name of a density in names of cells: p0.01, or p0.05+d1e8f0c2 if features differ.

    Then it has the commonest density and a digest of all.
    """
    values = tuple(map(float, density if isinstance(density, Sequence) else (density,)))
    label = "p" + _short(statistics.mode(values))
    return label if len(set(values)) == 1 else f"{label}+{digest(json.dumps(values))[:8]}"


def sweep_label(swept: Mapping[str, float | str]) -> str:
    """What names of cells say of keys that are swept, such as +attack0.2."""
    return "".join(
        f"+{key}-{value}" if isinstance(value, str) else f"+{key}{_short(float(value))}"
        for key, value in swept.items()
    )


def _short(number: float) -> str:
    return repr(number).removesuffix(".0")
