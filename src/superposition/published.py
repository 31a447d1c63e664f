"""What the repository shows of its results: the README's table of claims, and figures in docs/."""

import re
from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

from superposition.claims import read_json, readme_with_table, to_markdown
from superposition.errors import UserError
from superposition.files import explained, write_bytes

_COMMAND = "python -m superposition readme"
_SHOWN = re.compile(r"\(docs/([\w-]+\.png)\)")


class Shown(NamedTuple):
    """One thing that is shown."""

    name: str
    """What messages call it."""
    path: Path
    """The file that holds it."""
    built: bytes | None
    """What that file has to hold; None if it is not among the results."""
    problem: str = ""
    """Why not."""

    def difference(self) -> str:
        """Return what is wrong, and how to mend it; nothing if all is right."""
        if self.built is None:
            return self.problem
        if not self.path.is_file():
            return f"no such file; {_COMMAND} makes it"
        same = _read(self.path) == self.built
        return "" if same else f"not that of these results; {_COMMAND} refreshes it"


def shown(claims: Path, readme: Path) -> list[Shown]:
    """Return the README's table, and every figure that is in docs/ or named in the README.

    Args:
        claims: The claims.json of the results.
        readme: The README; docs/ is beside it.

    Raises:
        UserError: If the README cannot be read or has no place for the table.
    """
    return [_table(claims, readme), *_figures(claims.parent / "figures", readme)]


def readme_command(options: Namespace) -> None:
    """Bring the README's table and the figures in docs/ up to date with the results."""
    read_json(options.file)  # without it, a message says how to get it
    for item in shown(options.file, options.readme):
        if item.built is None:
            print(f"{item.name}: left as it is; {item.problem}.")
        elif item.difference():
            write_bytes(item.path, item.built)
            print(f"{item.name}: updated.")
        else:
            print(f"{item.name}: was up to date.")


def _table(claims: Path, readme: Path) -> Shown:
    name = f"{readme.name}'s table of claims"
    try:
        verdicts = read_json(claims)
    except UserError as error:
        return Shown(name, readme, None, str(error).rstrip("."))
    return Shown(name, readme, readme_with_table(to_markdown(verdicts), readme).encode())


def _figures(folder: Path, readme: Path) -> list[Shown]:
    docs = readme.parent / "docs"
    names = {file.name for file in docs.glob("*.png")}
    names |= set(_SHOWN.findall(_read(readme).decode()))
    found = []
    for name in sorted(names):
        built = folder / name
        content = _read(built) if built.is_file() else None
        problem = "" if content else f"there is no {built}: build it with make"
        found.append(Shown(f"docs/{name}", docs / name, content, problem))
    return found


def _read(path: Path) -> bytes:
    with explained(path, "read"):
        return path.read_bytes()
