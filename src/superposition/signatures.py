"""What decides the bytes of each stage's results beside its settings: code and libraries.

Snakemake carries both among a job's parameters, and records with the result those that it saw when
it planned. Code can be edited in between, and edited back before anyone looks again. So a job is
told the digest that was planned, and does not begin if the code that it has loaded is another.
"""

from argparse import Namespace
from functools import cache
from importlib import import_module
from typing import NamedTuple

from superposition.digests import PACKAGE, closure, code_digest, versions
from superposition.errors import UserError


class Stage(NamedTuple):
    """The code and the libraries that decide the bytes of one stage's results."""

    modules: tuple[str, ...]
    libraries: tuple[str, ...]

    def signature(self) -> dict[str, str]:
        """Return both as parameters of a rule."""
        return {"code": self.code(), "libraries": self.versions()}

    def code(self) -> str:
        """Return the digest of the code as it is now."""
        return code_digest(*self._names())

    def versions(self) -> str:
        """Return the versions of the libraries that are installed."""
        return versions(*self.libraries)

    def load(self, planned: str) -> None:
        """Load the code, and make sure that it is what was planned.

        Raises:
            UserError: If it is not.
        """
        for load in (True, False):
            # Before loading, to tell an edit from a mistake in it; and after, for one meanwhile.
            if self._code_or_nothing() != planned:
                raise UserError(
                    "The code of this stage changed while the build was running, so its result "
                    "would not be what was planned. What is finished stays; run make again."
                )
            if load:
                for name in self._names():
                    import_module(name)

    def _names(self) -> list[str]:
        return [f"superposition.{name}" for name in self.modules]

    def _code_or_nothing(self) -> str:
        try:
            return self.code()
        except (ModuleNotFoundError, OSError, SyntaxError):
            return ""  # an edit that is not finished


_COMPILED = ("numpy", "numba", "llvmlite")
# pydantic turns settings and verdicts into JSON, safetensors lays out the files that hold them.
_WEIGHTS = ("pydantic", "safetensors")
# pillow packs the PNG and fonttools the PDF's fonts. Of what else comes with matplotlib, nothing
# has a say here: pyparsing only reads formulae, and kiwisolver and contourpy are not called.
_DRAWING = ("numpy", "matplotlib", "pillow", "fonttools")

STAGES = {
    "data": Stage(("data",), (*_COMPILED, *_WEIGHTS)),
    "train": Stage(("training.fused",), (*_COMPILED, *_WEIGHTS)),
    "train with torch": Stage(("training.reference",), (*_COMPILED, "torch", *_WEIGHTS)),
    "train with torch-cuda": Stage(("training.recorded",), (*_COMPILED, "torch", *_WEIGHTS)),
    "export": Stage(("evaluation",), (*_COMPILED, *_WEIGHTS)),
    "measure": Stage(("metrics",), ("numpy",)),
    "dictionaries": Stage(
        ("dictionaries.training", "dictionaries.measures"), (*_COMPILED, *_WEIGHTS)
    ),
    "judge": Stage(("claims",), (*_COMPILED, "pydantic")),
    "report": Stage(("reporting",), (*_COMPILED, "jinja2", "markupsafe", "pydantic")),
}


def stage_of(options: Namespace) -> Stage:
    """Return the stage that a command runs, from its options."""
    command: str = options.call.partition(":")[2]
    if command == "plot":
        return figure_stage(options.figure)
    return training_stage(options.engine) if command == "train" else STAGES[command]


def training_stage(engine: str | None) -> Stage:
    """Return the stage of an engine; the compiled ones all give the same bytes."""
    return STAGES.get(f"train with {engine}", STAGES["train"])


@cache
def figure_stage(figure: str) -> Stage:
    """Return the stage that draws one figure: the same as long as the process lives.

    Raises:
        UserError: If there is no such figure.
    """
    from superposition.plotting import FIGURES

    if figure not in FIGURES:
        raise UserError(f"There is no figure {figure!r}; expected one of {', '.join(FIGURES)}.")
    module = FIGURES[figure].module.removeprefix("superposition.")
    entries = ("plotting.files", module)
    # Some figures draw samples, or attack networks, with compiled code.
    compiled = PACKAGE + ".compilation" in closure(*(f"{PACKAGE}.{name}" for name in entries))
    return Stage(entries, (*_DRAWING, *_COMPILED[1:]) if compiled else _DRAWING)
