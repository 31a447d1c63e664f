"""How an archive is packed, and what it says of itself.

An archive is a zip file that can be written in one way only: members in the order of their names,
dates and permissions fixed, and nothing compressed, for what a compressor makes of the same input
depends on its version.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal
from zipfile import ZipFile, ZipInfo

from pydantic import Field, ValidationError

from superposition.base.errors import UserError
from superposition.base.version import VERSION
from superposition.config.settings import Frozen
from superposition.workflow.code_version import STAGES, figure_stage, training_stage
from superposition.workflow.plan import Plan

NAME, CRATE, SUMS = "archive.json", "ro-crate-metadata.json", "SHA256SUMS"

_FILE, _PROGRAM = 0o100644 << 16, 0o100755 << 16


class Description(Frozen):
    """The content of archive.json."""

    format: Literal["superposition archive 2"] = "superposition archive 2"
    package: str = VERSION
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
    committed: Annotated[str, Field(pattern=r"^[-+:T0-9]+Z?$")]
    """When it was made, as in 2026-01-31T12:00:00+01:00."""
    changed: tuple[str, ...]
    """Sources that are not as in the commit."""
    config: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files of the configuration, in the order in which they are laid over each other."""
    stages: dict[str, dict[str, str]]
    """Code and libraries that made the results, by stage and figure."""

    def content(self) -> bytes:
        """The same as a file."""
        return json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True).encode() + b"\n"


def description_of(archive: ZipFile) -> Description:
    """The description in an archive, or a `UserError` if another version wrote it."""
    try:
        return Description.model_validate_json(archive.read(NAME))
    except ValidationError as error:
        raise UserError(
            f"{archive.filename} is an archive of another format: {NAME} is not as this version "
            f"({VERSION}) writes it. Unpack it with any program: sha256sum -c {SUMS} checks it "
            f"there, and what {NAME} names as its commit is the version that reads it."
        ) from error


def pack(path: Path, names: Iterable[str], read: Callable[[str], bytes]) -> None:
    """Write an archive of files, which `read` gives by name, and their checksums at its end."""
    sums = ""
    with ZipFile(path, "w") as archive:
        for name in sorted(names):
            content = read(name)
            add(archive, name, content)
            sums += f"{sha256(content).hexdigest()}  {name}\n"
        add(archive, SUMS, sums.encode())


def add(archive: ZipFile, name: str, content: bytes) -> None:
    """Add a file to an archive."""
    info = ZipInfo(name)  # of 1980, and to be stored as it is
    info.create_system = 3  # Unix, wherever it is written
    info.external_attr = _PROGRAM if content.startswith(b"#!") else _FILE
    archive.writestr(info, content)


def signatures(plan: Plan) -> dict[str, dict[str, str]]:
    """Code and libraries that decide the bytes of a plan's results here, by stage and figure."""
    stages = {**STAGES, "train": training_stage(plan.engine)}
    del stages["train with torch"]
    stages |= {f"plot {name}": figure_stage(name) for name in plan.figures}
    return {name: stage.signature() for name, stage in stages.items()}


def other_stages(
    result: str, there: Mapping[str, Mapping[str, str]], here: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """The stages on the way to a result that are not the same there and here."""
    kind, figure = PurePosixPath(result).parts[1], PurePosixPath(result).stem
    # The code of a stage takes in that of the stages before, but for the engine that trained, and
    # the page shows every figure.
    last = {
        "data": "data",
        "runs": "train",
        "weights": "export",
        "dictionaries": "dictionaries",
        "metrics": "measure",
        "constructed.csv": "measure",
        "explorer.html": "explorer",
        "report.html": "report",
        "figures": f"plot {figure}",
    }.get(kind, "judge")
    way = dict.fromkeys(("train", last))
    if last == "report":
        way |= dict.fromkeys(stage for stage in here if stage.startswith("plot "))
    return [stage for stage in way if there.get(stage) != here.get(stage)]
