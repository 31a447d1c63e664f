"""Plain text with formulae, as the catalogue has it, set for a page."""

import re

from markupsafe import Markup, escape

# One letter, with accents put over it or a prime, and its index: W_i, Σ_{j≠i}, L'_0. Files have
# longer names.
_INDEX = re.compile(
    r"(?<![A-Za-z0-9_.])([^\W\d_][\u0300-\u036f]*(?:&#39;)?)_(\{[^}]+\}|[^\W_])(?![A-Za-z0-9_])"
)
# What must not be torn apart at the end of a line: a number and its unit, 1 − S.
_TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=\b1) (?=− S\b)|(?<=1 −) (?=S\b)")
# In words, an apostrophe; after a single letter, a prime.
_APOSTROPHE = re.compile(r"(?<=[A-Za-z][a-z])&#39;")
_POWER = re.compile(r"\^(\{[^}]+\}|[−-]?\w+)")


def formula(text: object) -> Markup:
    """Text with indices below the line and powers above it; everything else is escaped."""
    plain = _APOSTROPHE.sub("\u2019", _TOGETHER.sub("\u00a0", str(escape(text))))
    plain = _INDEX.sub(lambda match: f"{match[1]}<sub>{match[2].strip('{}')}</sub>", plain)
    return Markup(_POWER.sub(lambda match: f"<sup>{match[1].strip('{}')}</sup>", plain))


def slug(text: str) -> str:
    """Text as the name of a place in the page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
