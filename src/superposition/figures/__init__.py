"""Figures of the paper: a module each, in which its `SPEC` and `plot(cells)` stand.

With them stands what is plotted as a table: `COLUMNS` and `rows(cells)`. The file's name is the
figure's: to add a figure is to add a module. What figures share is in `parts`, how they look in
`style`, which `plotting` applies to all. No figure, and no matplotlib, is imported before it is
asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final, Literal

from superposition.base.errors import UserError

if TYPE_CHECKING:
    from superposition.figures.parts.numbers import Columns

SECTIONS: Final = (
    "Introduction",
    "Demonstrating Superposition",
    "Mathematical Understanding",
    "Superposition as a Phase Change",
    "Uniform Superposition",
    "Feature Dimensionality",
    "Perturbing a Single Feature",
    "Correlated and Anticorrelated Features",
    "Collapsing of Correlated Features",
    "Discrete “Energy Level” Jumps",
    "Learning as Geometric Transformations",
    "Superposition and Adversarial Robustness",
    "Superposition in a Privileged Basis",
    "Computation in Superposition",
    "The Strategic Picture of Superposition",
    "Nonlinear Compression",
    "Compressed Sensing",
    "Follow-up: Scaling",
    "Follow-up: Memorisation",
    "Follow-up: Autoencoders",
    "Follow-up: Other Activations",
    "Follow-up: Capacity",
)
"""Titles of the paper's sections that have figures, in its order, then of follow-ups, which go
beyond it. Figures of others come last."""

FORMATS: Final = ("svg", "pdf", "png", "csv")
"""The files of a figure, by their endings; the last has its numbers."""

FOLDER: Final = Path(__file__).parent
"""Where `page.css` is, the colours and letters of the pages that show figures."""


@dataclass(frozen=True)
class Spec:
    """What a figure is.

    Attributes:
        title: What it shows, in a line; not what comes of it, which each build's data tell.
        caption: How to read it, and what to see.
        section: Title of the paper's section.
        place: Its place among the figures of the section.
        experiments: Names of the experiments of which it needs all cells.
        claims: Ids of the claims that it bears on.
        shows: Weights, or dictionaries trained on their hidden activations as well.
    """

    title: str
    caption: str
    section: str
    place: int = 1
    experiments: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    shows: Literal["weights", "dictionaries"] = "weights"

    @property
    def follow_up(self) -> bool:
        """Whether it goes beyond the paper."""
        return self.section.startswith("Follow-up: ")


class _Figures(Mapping[str, Spec]):
    """The specs of all figures by their names, in the paper's order, imported as they are used."""

    def __getitem__(self, name: str) -> Spec:
        if name not in _names():
            raise KeyError(name)
        found: Spec = import_module(f"{__name__}.{name}").SPEC
        return found

    def __iter__(self) -> Iterator[str]:
        def key(name: str) -> tuple[int, str, int, str]:
            section, place = self[name].section, self[name].place
            rank = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
            return rank, section, place, name

        return iter(sorted(_names(), key=key))

    def __len__(self) -> int:
        return len(_names())


FIGURES: Final[Mapping[str, Spec]] = _Figures()


def spec(name: str) -> Spec:
    """The spec of a figure.

    Raises:
        UserError: If there is none of this name.
    """
    if name in _names():
        return FIGURES[name]
    near = get_close_matches(name, _names(), 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FIGURES)}."
    raise UserError(f"There is no figure {name!r}; {hint}")


def columns(name: str) -> "Columns":
    """What the columns of a figure's table mean, in their order.

    Raises:
        UserError: If there is no such figure.
    """
    spec(name)
    found: Columns = import_module(f"{__name__}.{name}").COLUMNS
    return found


def row(name: str) -> str:
    """What a figure's table has a row for, in words: as its `rows` says.

    Raises:
        UserError: If there is no such figure.
    """
    spec(name)
    said: str = import_module(f"{__name__}.{name}").rows.__doc__
    return said.partition("\n")[0].removeprefix("A row for ").removesuffix(".")


@cache
def _names() -> tuple[str, ...]:
    """The figures there are, unordered: the modules of this package but those that serve them."""
    return tuple({m.name for m in iter_modules(__path__)} - {"files", "parts", "plotting", "style"})
