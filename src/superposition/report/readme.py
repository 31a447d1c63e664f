"""What the repository shows of its results: README's tables, docs/, what seeds have confirmed."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import NamedTuple

from superposition.base.errors import UserError
from superposition.base.files import read_bytes, write_bytes
from superposition.base.sealed import read_figure
from superposition.base.terminal import some
from superposition.claims import CLAIMS, Outcome, Verdict, read_json, to_markdown
from superposition.claims.rendering import HOLDS, MARKS, summary
from superposition.claims.seeds import read_record, record_text
from superposition.figures import FIGURES
from superposition.report import dictionary

_COMMAND = "python -m superposition readme"
_WIDTH = 118
"""Letters in a line of the README, at most."""
_QUIET = 0.5
"""Load up to which a machine counts as quiet, as for the benchmark's page."""
_SHOWN = re.compile(r"\(docs/([\w-]+\.png)\)")
_BEYOND = "| Follow-up: "
"""Begins the row of a follow-up in the README's table."""


class Shown(NamedTuple):
    """One thing that is shown, by the name that messages call it."""

    name: str
    path: Path
    built: bytes | None
    """What its file has to hold; None if it is not among the results."""
    problem: str = ""
    """Why not."""

    def difference(self) -> str:
        """What is wrong, and how to mend it; nothing if all is right."""
        if self.built is None:
            return self.problem
        if not self.path.is_file():
            return f"no such file; {_COMMAND} makes it"
        same = read_bytes(self.path) == self.built
        return "" if same else f"not from these results; {_COMMAND} updates it"


def shown(claims: Path, readme: Path, durations: Mapping[str, str]) -> list[Shown]:
    """The README, pages of claims, figures and tables, and every figure in docs/ or the README.

    Args:
        claims: The claims.json of the results.
        readme: The README; docs/ is beside it.
        durations: About how long each figure takes, by its name, in words.

    Raises:
        UserError: If a page cannot be read or has no place for its table.
    """
    pages = _pages(claims, readme, durations)
    docs = readme.parent / "docs"
    text = (pages[0].built or read_bytes(readme)).decode()
    names = {file.name for file in docs.glob("*.png")} | set(_SHOWN.findall(text))
    beyond = {
        f"{name}.png" for name in FIGURES if FIGURES[name].follow_up and name not in durations
    }
    pages.append(Shown("docs/results.md", docs / "results.md", dictionary.text().encode()))
    for name in sorted(names - beyond):
        built = claims.parent / "figures" / name
        content, problem = None, f"there is no {built}: build it with make"
        if built.is_file():
            try:
                _, content = read_figure(built.parent, built.stem)
            except UserError as error:
                problem = str(error).rstrip(".")
        pages.append(Shown(f"docs/{name}", docs / name, content, problem))
    return pages


def refresh(claims: Path, readme: Path, durations: Mapping[str, str]) -> None:
    """Bring all that is `shown` up to date, and say so."""
    read_json(claims)  # without it, a message says how to get it
    for item in shown(claims, readme, durations):
        if item.built is None:
            print(f"{item.name}: not changed; {item.problem}.")
        elif item.difference():
            write_bytes(item.path, item.built)
            print(f"{item.name}: updated.")
        else:
            print(f"{item.name}: was up to date.")


def _pages(claims: Path, readme: Path, durations: Mapping[str, str]) -> list[Shown]:
    docs = readme.parent / "docs"
    figures, follow_ups = docs / "figures.md", docs / "follow-ups.md"
    record = readme.parent / "workflow/confirmation.json"
    names = {
        f"{readme.name}'s tables": readme,
        "docs/claims.md": docs / "claims.md",
        "docs/figures.md's table": figures,
        "workflow/confirmation.json": record,
    }
    try:
        verdicts = read_json(claims)
        _check_whole(verdicts, claims)
    except UserError as error:
        return [Shown(name, path, None, str(error).rstrip(".")) for name, path in names.items()]
    own, beyond = ([one for one in verdicts if one.follow_up is kind] for kind in (False, True))
    text = read_bytes(readme).decode()
    top = _insert(text, "claims", _with_follow_ups(_sections_table(verdicts), text), readme)
    if speed := _speed(docs / "benchmarks.json"):
        top = _insert(top, "benchmarks", speed, readme)
    texts = (
        top,
        f"# The claims, with all that was measured\n\n{to_markdown(own)}",
        _insert(read_bytes(figures).decode(), "figures", _figures_table(durations, own), figures),
        record_text(verdicts, read_record(record)),
    )
    pages = [
        Shown(name, path, text.encode())
        for (name, path), text in zip(names.items(), texts, strict=True)
    ]
    if {one.id for one in beyond} >= {claim.id for claim in CLAIMS if claim.follow_up}:
        text = _insert(read_bytes(follow_ups).decode(), "claims", to_markdown(beyond), follow_ups)
        table = _figures_table(durations, beyond)
        text = _insert(text, "figures", table, follow_ups)
        pages.append(Shown("docs/follow-ups.md's tables", follow_ups, text.encode()))
    return pages


def _check_whole(verdicts: list[Verdict], claims: Path) -> None:
    """Refuse results that lack claims of the paper, as a build of some experiments does."""
    judged = {verdict.id for verdict in verdicts}
    missing = [claim.id for claim in CLAIMS if not claim.follow_up and claim.id not in judged]
    if missing:
        raise UserError(f"there is no {some(missing)} in {claims}: build everything with make.")


def _with_follow_ups(table: str, text: str) -> str:
    """A table in which follow-ups that it lacks have the rows, and all the order, of the README."""
    own = [line for line in table.splitlines() if not line.startswith(_BEYOND)]
    both = [line for line in (*text.splitlines(), *table.splitlines()) if line.startswith(_BEYOND)]
    rows = {line.split(" | ")[0]: line for line in both}
    return "\n".join([*own, *rows.values()])


def _insert(text: str, name: str, content: str, path: Path) -> str:
    """The text of a file with `content` between its markers of this name."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise UserError(
            f"{path} has no place for the {name}: put the lines {start} and {end} into it."
        )
    return f"{before}{start}\n\n{content.strip()}\n\n{end}{after}"


def _sections_table(verdicts: list[Verdict]) -> str:
    """A row for each section of the paper, and for each follow-up to it.

    It has the section's claims, and the figure that bears most of them.
    """
    own = [verdict for verdict in verdicts if not verdict.follow_up]
    empirical, _, apart = summary(own).partition("; ")
    lines = [
        f"**{empirical}**",
        "",
        fill(" ".join([f"Counted apart: {apart}."] * bool(apart) + [*_of_seeds(own)]), _WIDTH),
        "",
        "| section of the paper | claims | hold | not, or in part | key figure |",
        "| --- | --- | --- | --- | --- |",
    ]
    for section in dict.fromkeys(verdict.section for verdict in verdicts):
        its = [verdict for verdict in verdicts if verdict.section == section]
        holding = [verdict for verdict in its if verdict.outcome in HOLDS]
        ids = {verdict.id for verdict in its}
        borne = {name: len(ids.intersection(spec.claims)) for name, spec in FIGURES.items()}
        key = max(borne, key=lambda name: borne[name])
        picture = f"[{key}](docs/{key}.png)" if borne[key] else ""
        cells = (section, _count(its), _count(holding), _others(its), picture)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _of_seeds(verdicts: list[Verdict]) -> Iterator[str]:
    """How many verdicts other seeds confirm, if any were tried."""
    tried = [verdict for verdict in verdicts if verdict.by_seed]
    if tried:
        seeds = max(len(verdict.by_seed) for verdict in tried)
        unstable = sum(verdict.outcome is Outcome.UNSTABLE for verdict in tried)
        partly = sum(
            Outcome.NOT_TESTED in verdict.by_seed.values()
            for verdict in tried
            if verdict.outcome is not Outcome.UNSTABLE
        )
        alike = f"{len(tried) - unstable - partly} are the same with {seeds} seeds"
        untested = f", {partly} with those on which they could be tested" * bool(partly)
        yield f"Of {len(tried)} verdicts, {alike}{untested}."


def _others(verdicts: list[Verdict]) -> str:
    """What does not hold, by what became of it: `½ C17 C20, ✗ C12`."""
    outcomes = dict.fromkeys(one.outcome for one in verdicts if one.outcome not in HOLDS)
    return ", ".join(
        " ".join([MARKS[outcome], *(one.id for one in verdicts if one.outcome is outcome)])
        for outcome in outcomes
    )


def _figures_table(durations: Mapping[str, str], verdicts: list[Verdict]) -> str:
    """A row for each figure: its command, about how long it takes, and its claims.

    Of follow-ups, if the verdicts are, else of the paper.
    """
    outcomes = {verdict.id: verdict.outcome for verdict in verdicts}
    beyond = any(verdict.follow_up for verdict in verdicts)
    lines = ["| figure | shows | on two cores | claims |", "| --- | --- | --- | --- |"]
    for name, duration in durations.items():
        figure = FIGURES[name]
        if figure.follow_up is not beyond:
            continue
        judged = " ".join(f"{MARKS[outcomes[c]]} {c}" for c in figure.claims if c in outcomes)
        command = f"`results/figures/{name}.svg`"
        lines.append(f"| {command} | {figure.title} | {duration} | {judged} |")
    return "\n".join(lines)


def _count(verdicts: list[Verdict]) -> str:
    ours = sum(verdict.origin == "ours" and not verdict.follow_up for verdict in verdicts)
    return f"{len(verdicts) - ours}" + (f", {ours} of ours" if ours else "")


def _speed(file: Path) -> str:
    """What `make bench` found, in words; nothing if the machine was busy: that says no ratio."""
    text = read_bytes(file)
    try:
        record = json.loads(text)
        batched = record["times_faster_at_n_5"]["than_100_models_batched"]
        single = record["times_faster_at_n_5"]["than_one_model_at_a_time"]
        rows = [row for row in record["rows"] if row["n"] == 5]
        slowest = max(median(row["times"]["fused_all"]["turns"]) for row in rows)
        date, threads, busy = record["date"], record["threads"], record["load"] > _QUIET
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file} is not as make bench writes it: run make bench.") from error
    if busy:
        return ""
    fast, batched, single = (f"{float(f'{value:.2g}'):g}" for value in (slowest, batched, single))
    told = (
        f"A step of one model at n = 5 takes **{fast} µs** with batches of 1024. That is "
        f"**{batched} times** as fast as the loop published with the paper as people run it, with "
        f"100 models in one tensor, and **{single} times** as fast as with one model at a time. "
        f"Measured on {date} with {threads} threads, at the density that gains least."
    )
    return fill(told, _WIDTH)
