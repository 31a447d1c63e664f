"""Building parts of an archive again, to compare bytes.

What builds is the code here, never that in the archive: a check that runs what it checks could be
told anything. Results are built in a folder of their own, from the archive's configuration.
"""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from superposition.archive.layout import Description, other_stages, signatures
from superposition.base.errors import UserError
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
_NOT_COMPARED = ("logs", "benchmarks", "report.html")
"""Files of a build itself rather than of its results."""


def build_again(
    archive: ZipFile, about: Description, what: Sequence[str], cores: str
) -> list[Difference]:
    """Build parts of a sound archive again, in a folder of their own; return what differs.

    `what` is `sample`, `all`, `none` or names of cells.
    """
    if list(what) == ["none"]:
        return []
    if not (PROJECT / "Snakefile").is_file():
        raise UserError(
            "Building again needs the workflow, which is not beside this package: run this in a "
            "clone or an unpacked archive; or with --retrain none."
        )
    with tempfile.TemporaryDirectory(prefix="superposition-") as name:
        folder = Path(name)
        # The Snakefile asks for config.yaml, whatever is laid over it.
        archive.extractall(folder, {"config.yaml", *about.config} & {*archive.namelist()})
        try:
            plan = Plan(load(*(folder / name for name in about.config)))
        except ConfigError as error:
            detail = f"its configuration is not one for this version ({error})"
            return [Difference("the archive", State.OTHER_VERSION, detail)]
        groups = _wanted(plan, what)
        targets = [file for group in groups for _, file in plan.jobs(group)]
        build_in(folder, about.config, targets, cores)
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
    return list(dict.fromkeys(what))


def _sample(plan: Plan) -> list[str]:
    """Some cells, so that nobody can know beforehand which ones."""
    costs = plan.costs()
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
    for experiment in dict.fromkeys(group.partition("/")[0] for group in groups):
        its = [group for group in groups if group.startswith(f"{experiment}/")]
        cells = {name: cell for group in its for name, cell in plan.group(group).items()}
        cells, _ = plan.started(experiment, cells, folder)
        files = [folder / file for group in its for _, file in plan.jobs(group)]
        weights.save(folder / f"results/weights/{experiment}.safetensors", export(files, cells))


def _compare(folder: Path, archive: ZipFile, about: Description, plan: Plan) -> list[Difference]:
    """Which of the files that were built in a folder are not those of the archive."""
    here = signatures(plan)
    differences, count = [], 0
    for path in sorted((folder / "results").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.split("/")[1] in _NOT_COMPARED:
            continue
        count += 1
        if detail := _difference(path, name, archive):
            others = other_stages(name, about.stages, here)
            if others:
                detail += f"; here are other code or libraries for: {', '.join(others)}"
            state = State.OTHER_VERSION if others else State.ALTERED
            differences.append(Difference(name, state, detail))
    print(f"Built again: {count} files, of which {count - len(differences)} are the same.")
    return differences


def _difference(built: Path, name: str, archive: ZipFile) -> str:
    """How a file that was built is not that of the archive; nothing if it is.

    Of weights, the file that was built may have some of the cells alone.
    """
    if name not in archive.namelist():
        return "the archive does not have it"
    if built.read_bytes() == archive.read(name):
        return ""
    if not name.startswith("results/weights/"):
        return "built again, it is different"
    try:
        with tempfile.TemporaryDirectory(prefix="superposition-") as folder:
            there = weights.load(archive.extract(name, folder))
    except WeightsError:
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
