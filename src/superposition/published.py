"""What the repository shows of its results: tables in the README, claims and figures in docs/."""

import re
from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

from superposition.claims import Verdict, insert, read_json, to_brief_markdown, to_markdown
from superposition.claims.terminal import MARKS
from superposition.config import Config
from superposition.config import load as load_config
from superposition.errors import UserError
from superposition.files import explained, write_bytes
from superposition.plotting import FIGURES
from superposition.workflow import Plan

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


def shown(claims: Path, readme: Path, config: Config) -> list[Shown]:
    """Return the README, the table of all claims, and every figure in docs/ or named in the README.

    Args:
        claims: The claims.json of the results.
        readme: The README; docs/ is beside it.
        config: What the results are of.

    Raises:
        UserError: If the README cannot be read or has no place for its tables.
    """
    texts = _texts(claims, readme, config)
    return [*texts, *_figures(claims.parent / "figures", readme)]


def readme_command(options: Namespace) -> None:
    """Bring the README's tables, docs/claims.md and the figures in docs/ up to date."""
    read_json(options.file)  # without it, a message says how to get it
    for item in shown(options.file, options.readme, load_config(*options.config)):
        if item.built is None:
            print(f"{item.name}: left as it is; {item.problem}.")
        elif item.difference():
            write_bytes(item.path, item.built)
            print(f"{item.name}: updated.")
        else:
            print(f"{item.name}: was up to date.")


def _texts(claims: Path, readme: Path, config: Config) -> list[Shown]:
    """Return the README with its tables, and docs/claims.md."""
    names = {readme: f"{readme.name}'s tables", readme.parent / "docs/claims.md": "docs/claims.md"}
    try:
        verdicts = read_json(claims)
    except UserError as error:
        return [Shown(name, path, None, str(error).rstrip(".")) for path, name in names.items()]
    text = _read(readme).decode()
    text = insert(text, "claims", to_brief_markdown(verdicts), readme)
    text = insert(text, "figures", figures_table(config, verdicts), readme)
    full = f"# The claims, with all that was measured\n\n{to_markdown(verdicts)}"
    contents = (text, full)
    return [
        Shown(name, path, content.encode())
        for (path, name), content in zip(names.items(), contents, strict=True)
    ]


def figures_table(config: Config, verdicts: list[Verdict]) -> str:
    """Return a line for each figure: its command, about how long it takes, and its claims."""
    outcomes = {verdict.id: verdict.outcome for verdict in verdicts}
    durations = Plan(config).durations()
    lines = ["| figure | shows | on two cores | claims |", "| --- | --- | --- | --- |"]
    for name, duration in durations.items():
        figure = FIGURES[name]
        judged = " ".join(f"{MARKS[outcomes[c]]} {c}" for c in figure.claims if c in outcomes)
        command = f"`results/figures/{name}.svg`"
        lines.append(f"| {command} | {figure.title} | {duration} | {judged} |")
    return "\n".join(lines)


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
