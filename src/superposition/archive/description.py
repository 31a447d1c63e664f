"""What an archive says of itself, for machines: archive.json."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from pydantic import ValidationError

from superposition import __version__
from superposition.errors import UserError
from superposition.settings import Frozen
from superposition.signatures import STAGES, figure_stage
from superposition.workflow import Plan

NAME = "archive.json"
SUMS = "SHA256SUMS"
CRATE = "ro-crate-metadata.json"
_FORMAT = "superposition archive 1"


class Signature(Frozen):
    """What decides the bytes of a stage's results, beside its settings."""

    code: str
    """Digest of the code."""
    libraries: str
    """Versions of the libraries."""


class Description(Frozen):
    """What an archive says of itself."""

    format: str = _FORMAT
    """Name and version of what an archive holds."""
    package: str
    """Version of this package."""
    commit: str
    """The commit of the sources."""
    committed: str
    """When it was made, in UTC, as in 2026-01-31T12:00:00+00:00."""
    changed: tuple[str, ...]
    """Sources that are not as in the commit."""
    config: tuple[str, ...]
    """Files of the configuration, in the order in which they are laid over each other."""
    stages: dict[str, Signature]
    """What made the results, by stage and figure."""
    left_out: dict[str, str]
    """SHA-256 of the evaluation samples, which are drawn again rather than archived."""

    def text(self) -> str:
        """Return archive.json."""
        return json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"


def read(text: bytes) -> Description:
    """Read archive.json.

    Raises:
        UserError: If it is something else.
    """
    try:
        description = Description.model_validate_json(text)
    except ValidationError as error:
        raise UserError(
            f"{NAME} is not as this version ({__version__}) writes it, so the archive cannot be "
            "told apart from its sources: unpack it, and use the command that comes with it."
        ) from error
    if description.format != _FORMAT:
        raise UserError(f"{NAME} says {description.format!r}; expected {_FORMAT!r}.")
    return description


def signatures(plan: Plan) -> dict[str, Signature]:
    """Return what decides the bytes of a plan's results here, by stage and figure."""
    stages = {name: stage for name, stage in STAGES.items() if not name.startswith("train")}
    stages["train"] = plan.training_stage()
    stages |= {_drawn(name): figure_stage(name) for name in plan.figures}
    return {
        name: Signature(code=stage.code(), libraries=stage.versions())
        for name, stage in stages.items()
    }


def other_stages(
    result: str, there: Mapping[str, Signature], here: Mapping[str, Signature]
) -> list[str]:
    """Return the stages on the way to a result that are not the same there and here."""
    return [stage for stage in _way_to(result) if there.get(stage) != here.get(stage)]


def _way_to(result: str) -> tuple[str, ...]:
    """Return the stages that a result has gone through."""
    kind = PurePosixPath(result).parts[1]
    weights = ("data", "train", "export")
    ways = {
        "data": ("data",),
        "runs": ("train",),
        "weights": weights,
        "dictionaries": (*weights, "dictionaries"),
        "metrics": (*weights, "measure"),
        "figures": (*weights, "dictionaries", _drawn(PurePosixPath(result).stem)),
    }
    return ways.get(kind, (*weights, "dictionaries", "judge"))


def _drawn(figure: str) -> str:
    return f"plot {figure}"
