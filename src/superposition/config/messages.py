"""Explaining what is wrong with a configuration: where, found, expected, likely cause."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from superposition.base.errors import UserError

Location = tuple[str | int, ...]
Problem = tuple[Location, str]
TOLD = 20
"""Problems that are told at once; a file of something else than settings has thousands."""

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "literal_error": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "tuple_type": "a list",
    "too_short": "more entries, at least {min_length}",
    "too_long": "fewer entries, at most {max_length}",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "string_pattern_mismatch": "a name that is safe in file names: a letter, then at most 63 "
    "letters, digits, - or _",
    "claim": "the id of a claim, such as C44",
}
"""What is expected where pydantic finds something else; it says the rest in its own words."""


class ConfigError(UserError, ValueError):
    """All that is wrong with a configuration, one line for each problem.

    Example:
        >>> import superposition as sp
        >>> sp.experiment(
        ...     models=["relu"], n_features=5, n_hidden=0, importance=1, feature_probability=[1],
        ...     runs=0,
        ... )
        Traceback (most recent call last):
        superposition.config.messages.ConfigError: experiment: n_hidden is 0; expected at least 1.
        experiment: runs is 0; expected at least 1.
    """


def explain(errors: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """The location and sentence of each problem that pydantic found."""
    for error in errors:
        # Without the names of the alternatives that pydantic tried.
        place = tuple(
            key for key in error["loc"] if key != "[key]" and not str(key).startswith("<")
        )
        value, kind, context = error["input"], error["type"], error.get("ctx", {})
        if kind == "problems":
            yield from (((*place, *below), text) for below, text in context["problems"])
        elif kind == "missing":
            yield place, "is missing."
        elif value is None:
            yield place, "is empty. Give a value, or remove it."
        elif kind != "too_short" or len(value) < context["min_length"]:
            words = {key: _short(bound) for key, bound in context.items()}
            named = "claim" if "explains" in place and "pattern" in context else kind
            expected = _EXPECTED.get(named, "{told}").format(told=error["msg"], **words)
            cause = _likely_cause(place, value, kind, context.get("expected", ""))
            yield place, f"is {found(value)}; expected {expected}{cause}"
        # Else entries were refused, and each of them is reported.


def _short(bound: object) -> object:
    """A bound as people write it: 1 for 1.0, and 10,000."""
    whole = isinstance(bound, int) or (isinstance(bound, float) and bound.is_integer())
    return f"{bound:,.0f}" if whole else bound


def key_path(location: Location) -> str:
    """A location as in experiments.intro.feature_probability[3]."""
    text = ""
    for key in location:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if re.fullmatch(r"[\w-]+", key) else f".{key!r}"
    return text.removeprefix(".")


def found(value: object) -> str:
    """A value as it would stand in the file, shortened if it is long."""
    if isinstance(value, bool):
        text = str(value).lower()
    else:
        text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 60 else text[:59] + "…"


def _likely_cause(place: Location, value: object, kind: str, words: str) -> str:
    """The end of a sentence, and the likely cause of a bad value, if there is one."""
    if near := get_close_matches(str(value).lower(), re.findall(r"'(\w+)'", words), 1):
        return f"; did you mean {near[0]}?"
    if isinstance(value, bool):
        return ". YAML reads yes, no, on and off as true and false."
    if isinstance(value, str) and kind in ("int_type", "float_type"):
        return _number_in_text(value, whole=kind == "int_type")
    if "feature_probability" in place and place[-1] != "points" and isinstance(value, int | float):
        if value > 1:
            return ". This is 1 − S, not 1/(1 − S)."
        if value == 0:
            return ". This is the density 1 − S, not the sparsity S."
    return "."


def _number_in_text(text: str, whole: bool) -> str:
    """How to write a number that YAML has read as text."""
    try:
        number = float(text)
    except ValueError:
        return "."
    if whole:
        return f". YAML has it as text: write {number:.0f}."
    digits, _, power = text.lower().partition("e")
    if not power:
        return f". YAML has it as text: write {text} without quotes."
    point, sign = "" if "." in digits else ".0", "" if power[0] in "+-" else "+"
    return f". YAML reads {text} as text: write {digits}{point}e{sign}{power}."
