"""Building parts of an archive again, to compare bytes.

What builds is the code here, never that in the archive: a check that runs what it checks could be
told anything. Results are built in a folder of their own, in which nothing of the archive is but
its settings, read strictly and written down anew.
"""

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import yaml

from superposition.archive.layout import Description, other_stages, signatures
from superposition.archive.sources import Comparison
from superposition.base.errors import UserError
from superposition.base.files import write_text
from superposition.config.load import load
from superposition.config.messages import ConfigError
from superposition.model import weights
from superposition.model.fingerprints import Difference, State, fingerprint, how_much
from superposition.model.weights import WeightsError
from superposition.training.evaluate import export
from superposition.workflow.builds import PROJECT, build_in
from superposition.workflow.plan import Plan

_SECONDS, _START = 60.0, 5.0
"""Seconds of one core, about, for a sample, and for starting the jobs of a cell."""
_NOT_COMPARED = ("logs", "benchmarks")
"""Folders of a build itself rather than of its results."""
_PAGE = "results/report.html"
_CONDITIONS = (b"<!-- conditions:start -->", b"<!-- conditions:end -->")
"""Around the section of the page that tells of one build on one machine."""


def plan_of(archive: ZipFile, about: Description) -> Plan:
    """The plan of the configuration in a sound archive, read as strictly as any.

    Raises:
        UserError: If it is none for this version.
    """
    with tempfile.TemporaryDirectory(prefix="superposition-") as folder:
        files = [archive.extract(name, folder) for name in about.config]
        try:
            return Plan(load(*files))
        except ConfigError as error:
            raise UserError(
                f"The archive's configuration is not one for this version "
                f"({str(error).replace(f'{folder}/', '')}), so nothing can be built again. The "
                f"version that reads it is in its commit, {about.commit[:12]}."
            ) from None


def unplanned(archive: ZipFile, about: Description, plan: Plan) -> Iterator[Difference]:
    """Results that an archive has and its configuration does not make, or the other way round."""
    planned, here = {*plan.results(), _PAGE}, signatures(plan)
    found = {name for name in archive.namelist() if name.startswith("results/")}
    for name in sorted(planned ^ found):
        state, detail = State.MISSING, "not there"
        if name in found:
            state, detail = State.ALTERED, "its configuration makes no such file"
        yield _made_by(Difference(name, state, detail), about, here)


def build_again(
    archive: ZipFile, about: Description, plan: Plan, what: Sequence[str], cores: str
) -> Comparison:
    """Build parts of a sound archive again, in a folder of their own, and compare them.

    `what` is `sample`, `all` or names of cells.

    Raises:
        UserError: If nothing can be built.
    """
    if not (PROJECT / "Snakefile").is_file():
        raise UserError(
            "Building again needs the workflow, which is not beside this package: run this in a "
            "clone or an unpacked archive; or with --retrain none."
        )
    if not plan.groups:
        raise UserError("The archive's configuration has no cells, so nothing can be built again.")
    for name, experiment in plan.config.chosen().items():
        if experiment.start and not plan.config.starts_from(name):
            raise UserError(
                f"experiments.{name}.start is {experiment.start}, which is no result of the "
                "archive, so nothing is built again: see what else is right with --retrain none."
            )
    with tempfile.TemporaryDirectory(prefix="superposition-") as name:
        folder = Path(name)
        content = plan.config.model_dump(mode="json", exclude_unset=True)
        write_text(folder / "config.yaml", yaml.safe_dump(content, sort_keys=False))
        groups = _wanted(plan, what)
        targets = [file for group in groups for _, file in plan.jobs(group)]
        build_in(folder, targets, cores)
        _gather(folder, plan, groups)
        return _compare(folder, archive, about, plan)


def _wanted(plan: Plan, what: Sequence[str]) -> list[str]:
    """The groups of cells to train again; none means to build everything."""
    if list(what) == ["all"]:
        return []
    if list(what) == ["sample"]:
        what = _sample(plan)
        print(
            f"Building {len(what)} of {len(plan.groups)} cells again, chosen at random; the same "
            f"again: --retrain {' '.join(what)}"
        )
    for name in what:
        plan.group(name)  # says which cells there are
    # In the order of the configuration, which is that of cells in a file.
    return [name for name in plan.groups if name in what]


def _sample(plan: Plan) -> list[str]:
    """Some cells, so that nobody can know beforehand which ones."""
    costs = plan.costs()["train"]
    chosen: list[str] = []
    seconds = 0.0
    for name in random.sample(list(plan.groups), len(plan.groups)):
        cost = _START + sum(costs[file] for _, file in plan.jobs(name))
        if not chosen or seconds + cost <= _SECONDS:
            chosen.append(name)
            seconds += cost
    return chosen


def _gather(folder: Path, plan: Plan, groups: Sequence[str]) -> None:
    """Write the weights of the cells that were trained, a file for each experiment."""
    gathered = {}
    for experiment in dict.fromkeys(group.partition("/")[0] for group in groups):
        its = [group for group in groups if group.startswith(f"{experiment}/")]
        cells = {name: cell for group in its for name, cell in plan.group(group).items()}
        cells, _ = plan.started(experiment, cells, folder)
        parts = [(folder / file, runs, names) for file, runs, names in plan.parts(experiment, its)]
        gathered[experiment] = export(parts, cells)
    # Last: until then, others may start from whole files of the same names.
    for experiment, found in gathered.items():
        weights.save(folder / f"results/weights/{experiment}.safetensors", found)


def _compare(folder: Path, archive: ZipFile, about: Description, plan: Plan) -> Comparison:
    """The files that were built in a folder, compared with those of the archive."""
    here, there = signatures(plan), {*archive.namelist()}
    differences, same, count = [], set(), 0
    for path in sorted((folder / "results").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.split("/")[1] in _NOT_COMPARED:
            continue
        count += 1
        if name not in there:
            continue  # told by `unplanned`
        if path.read_bytes() == archive.read(name):
            same.add(name)
        elif detail := _difference(path, name, archive):
            differences.append(_made_by(Difference(name, State.ALTERED, detail), about, here))
    if not count:
        raise UserError("Nothing was built, so nothing can be compared.")
    told = f"Built again: {count} files, of which {count - len(differences)} are the same"
    if parts := count - len(differences) - len(same):
        told += f", {parts} of them in the part that was built"
    return Comparison(f"{told}.", differences, frozenset(same))


def _made_by(
    found: Difference, about: Description, here: Mapping[str, Mapping[str, str]]
) -> Difference:
    """A difference of a result; if other code or libraries made that, it is for this reason."""
    others = other_stages(found.name, about.stages, here)
    if not others:
        return found
    detail = f"{found.detail}; here are other code or libraries for: {', '.join(others)}"
    return Difference(found.name, State.OTHER_VERSION, detail)


def _difference(built: Path, name: str, archive: ZipFile) -> str:
    """How a file that was built is not that of the archive; nothing if it is, in the part built.

    Of weights, that may be some of the cells alone; of the page, all but what one machine decides.
    """
    if name == _PAGE:
        same = _above(built.read_bytes()) == _above(archive.read(name))
        return "" if same else "built again, it is different"
    if not name.startswith("results/weights/"):
        return "built again, it is different"
    try:
        with tempfile.TemporaryDirectory(prefix="superposition-") as folder:
            there = weights.load(archive.extract(name, folder))
    except (WeightsError, RecursionError):  # the latter of a header that nests without end
        return "it holds no weights of this version"
    found = weights.load(built)
    texts = []
    for cell, mine in found.items():
        its = there.get(cell)
        if text := how_much(fingerprint(its), fingerprint(mine)) if its else "not there":
            texts.append(f"{cell}: {text}")
    detail = "; ".join(texts)
    if not detail and len(found) == len(there):
        detail = "in what is not of the cells"
    return detail and f"built again, it is different: {detail}"


def _above(page: bytes) -> tuple[bytes, bytes]:
    """What stands before and behind the section of a page that tells of one build."""
    start, end = _CONDITIONS
    return page.partition(start)[0], page.rpartition(end)[2]
