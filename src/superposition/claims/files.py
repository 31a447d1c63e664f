"""Verdicts as files: claims.json, which is read again, and the tables beside it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from superposition.base import sealed
from superposition.base.canonical import canonical_json
from superposition.base.errors import UserError
from superposition.base.files import together, write_text
from superposition.base.tables import write_table
from superposition.claims.tables import claims_table, numbers_table, to_markdown
from superposition.claims.verdict import Verdict


def write_all(
    verdicts: Sequence[Verdict], folder: Path | str, judged: Iterable[Path | str] = ()
) -> None:
    """Write claims.json, .csv, .numbers.csv and .md into the folder of results.

    Args:
        verdicts: What became of the claims.
        folder: The folder of results.
        judged: The files in it that were judged, whose digests claims.json is to carry.
    """
    folder = Path(folder)
    with together():
        write_text(folder / "claims.json", to_json(verdicts, sealed.sources(judged, folder)))
        write_table(claims_table(verdicts), folder / "claims.csv")
        write_table(numbers_table(verdicts), folder / "claims.numbers.csv")
        write_text(folder / "claims.md", to_markdown(verdicts))


def to_json(verdicts: Sequence[Verdict], judged: sealed.Sources = MappingProxyType({})) -> str:
    """All verdicts with all their numbers, and a seal that tells what was judged."""
    plain = [verdict.model_dump(mode="json") for verdict in verdicts]
    content = {"seal": sealed.seal(_sealed(plain), judged), "verdicts": plain}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _sealed(verdicts: list[Any]) -> bytes:
    return canonical_json(verdicts).encode()


def read_json(path: Path | str) -> list[Verdict]:
    """The verdicts of a claims.json that stands in its folder of results, or by itself.

    Raises:
        UserError: If the file cannot be read or is something else, if it was altered, or if other
            weights than those beside it were judged.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_bytes())
        sealed.check(path, _sealed(content["verdicts"]), content["seal"], path.parent)
        return TypeAdapter(list[Verdict]).validate_python(content["verdicts"])
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}. Run make to build it.") from error
    except (LookupError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} does not hold the verdicts of this version. Delete it and run make to build "
            "it again."
        ) from error
