"""Text of any origin, for a terminal that does nothing but show it."""

from collections.abc import Sequence
from unicodedata import category

_NAMED, _LONGEST = 8, 200
"""How many of many things are named, and characters of a text that is told in a line."""


def visible(text: str, keep: str = "") -> str:
    r"""A text whose control characters are escapes: `\x1b`, `\u202e`; but for those to keep.

    Else a name in a file could move the cursor, overwrite a verdict, or reverse what follows.
    """
    return "".join(
        letter.encode("unicode_escape").decode() if _acts(letter) and letter not in keep else letter
        for letter in text
    )


def short(text: str) -> str:
    """A name or a message that may hold anything, in a part of a line."""
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(short, names[:_NAMED])) + more


def _acts(letter: str) -> bool:
    """Whether a terminal does something else for a character than to show it, or shows nothing."""
    kind = category(letter)
    return kind[0] == "C" or kind in ("Zl", "Zp")
