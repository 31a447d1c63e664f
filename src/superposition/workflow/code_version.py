"""What decides the bytes of each stage's results beside its settings: code and libraries.

Packages import downwards only (`make lint` holds them to it). So the code of a stage is that of its
own floor and of those below; a figure's takes in its own module as well, and not those of other
figures. Two floors count in part:

- of `base`, what decides bytes: arithmetic, and how arrays, tables and settings are written;
- of `config`, the table of models, and what follows from settings beside what stands in them. What
  the rest resolves to stands in a job's settings.

Snakemake carries both among a job's parameters, and records with the result those that it saw when
it planned. Code can be edited in between, and edited back before anyone looks again. So a job is
told the digest that was planned, and does not begin if the code that it has loaded is another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from superposition.base.errors import UserError
from superposition.base.source_digest import source_digest, versions

_GROUND = (
    "base/arrays.py",
    "base/canonical.py",
    "base/portable_math.py",
    "base/tables.py",
    "base/version.py",  # files of weights name it
    "config/derived.py",
    "config/models.py",
)
_SAMPLING = (*_GROUND, "kernels", "sampling")
_TRAINING = (*_SAMPLING, "model", "training")
_MEASURE = (*_TRAINING, "measure", "reference")
_COMPARING = ("comparison", "evidence", "families", "quantities")
_SEALED = (*_MEASURE, "base/sealed.py")
_CLAIMS = (*_SEALED, "convergence/evidence.py", "claims")
_FIGURES = (
    *_SEALED,
    "figures/parts",
    "figures/style.py",
    "figures/plotting.py",
    "figures/files.py",
)

# The engines that are compiled give the same bytes, so that of them one decides; and how much
# memory all of it takes decides none.
_NO_BYTES = ("training/cuda", "training/memory.py")
_OTHER_ENGINES = (*_NO_BYTES, "training/reference.py")

# What reads and compares what was trained. Here no byte of it is decided.
_AFTERWARDS = ("training/evaluate.py", "model/checking.py")

_COMPILED = ("numpy", "numba", "llvmlite")
# pydantic turns settings and verdicts into JSON, safetensors lays out the files that hold them.
_WEIGHTS = ("pydantic", "safetensors")
# pillow packs the PNG and fonttools the PDF's fonts. Of what else comes with matplotlib, nothing
# has a say here: pyparsing only reads formulae, and kiwisolver and contourpy are not called.
_PLOTTING = ("matplotlib", "pillow", "fonttools")


class Stage(NamedTuple):
    """The code and the libraries that decide the bytes of one stage's results."""

    parts: tuple[str, ...]
    libraries: tuple[str, ...]
    omit: tuple[str, ...] = _OTHER_ENGINES
    """Files and folders in the parts that decide nothing here."""

    def signature(self) -> dict[str, str]:
        """Both as parameters of a rule."""
        return {"code": self.code(), "libraries": self.versions()}

    def code(self) -> str:
        """The digest of the code as it is now."""
        return source_digest(*self.parts, omit=self.omit)

    def versions(self) -> str:
        """The versions of the libraries that are installed."""
        return versions(*self.libraries)

    def check(self, planned: str) -> None:
        """Make sure that the code is what was planned, or raise a `UserError`."""
        try:
            found = self.code()
        except (OSError, SyntaxError):
            found = ""  # an edit that is not finished
        if found != planned:
            raise UserError(
                "The code of this stage changed while the build was running, so its result would "
                "not be what was planned. What is finished stays; run make again."
            )


STAGES = {
    "data": Stage(_SAMPLING, (*_COMPILED, "pydantic")),
    "train": Stage(_TRAINING, (*_COMPILED, *_WEIGHTS), (*_OTHER_ENGINES, *_AFTERWARDS)),
    "train with torch": Stage(
        _TRAINING, (*_COMPILED, "torch", *_WEIGHTS), (*_NO_BYTES, *_AFTERWARDS)
    ),
    "export": Stage(_TRAINING, (*_COMPILED, *_WEIGHTS)),
    "measure": Stage(_MEASURE, (*_COMPILED, "pydantic")),
    "dictionaries": Stage(_MEASURE, (*_COMPILED, *_WEIGHTS)),
    "compare": Stage(
        (*_MEASURE, *(f"convergence/{name}.py" for name in _COMPARING)),
        (*_COMPILED, *_WEIGHTS),
    ),
    "judge": Stage(_CLAIMS, (*_COMPILED, "pydantic")),
    "report": Stage(
        (*_CLAIMS, "figures", "report"), (*_COMPILED, "jinja2", "markupsafe", "pydantic")
    ),
    "explorer": Stage(
        (*_MEASURE, "figures", "explorer"),
        (*_COMPILED, "matplotlib", "jinja2", "markupsafe", "pydantic"),
    ),
}


@contextmanager
def as_planned(planned: str | None, stage: Stage) -> Iterator[None]:
    """Make sure that the code which is loaded in the block is what was planned, if anything was.

    Before, to tell an edit from a mistake in it; and after, for an edit meanwhile.
    """
    if planned:
        stage.check(planned)
    yield
    if planned:
        stage.check(planned)


def training_stage(engine: str | None) -> Stage:
    """The stage of an engine; the compiled ones all give the same bytes."""
    return STAGES["train with torch" if engine == "torch" else "train"]


@cache
def figure_stage(figure: str) -> Stage:
    """The stage that plots one figure, or a `UserError` if there is none."""
    from superposition.figures import spec

    spec(figure)  # refuses one that does not exist
    return Stage((*_FIGURES, f"figures/{figure}.py"), (*_PLOTTING, *_COMPILED))
