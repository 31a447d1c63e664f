"""Building parts of an archive again, to compare bytes.

What builds is the code here, never that in the archive: a check that runs what it checks could be
told anything. Results are built in a folder of their own, from the archive's configuration.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from superposition.archive.checking import Finding, State
from superposition.archive.container import Scan, describe
from superposition.archive.description import Description, Signature, other_stages, signatures
from superposition.config import load
from superposition.config_errors import ConfigError
from superposition.errors import UserError
from superposition.files import write_bytes
from superposition.verify import how_much
from superposition.weights import WeightsError
from superposition.workflow import Place, Plan

_ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 60.0
"""What a sample may take of one core's time, about, once its first cell is chosen."""
_START = 5.0
"""Seconds of one core for starting the jobs of a cell, about."""
_NOT_COMPARED = ("logs", "benchmarks", "report.html")
"""What tells of a build rather than of its results."""


def recompute(
    found: Scan, description: Description, what: Sequence[str], cores: str
) -> list[Finding]:
    """Build parts of a sound archive again; return what differs.

    Args:
        found: The archive.
        description: What it says of itself.
        what: `sample`, `all`, `none` or names of cells.
        cores: How many cores to use.

    Raises:
        UserError: If something is asked for that is not there, or the build fails.
    """
    if list(what) == ["none"]:
        print("Nothing was built again.")
        return []
    if not (_ROOT / "Snakefile").is_file():
        raise UserError(
            "Building again needs the workflow, which is not beside this package: run this in a "
            "clone or an unpacked archive; or with --retrain none."
        )
    with tempfile.TemporaryDirectory(prefix="superposition-") as name:
        folder = Path(name)
        config = _unpack_config(found, description, folder)
        try:
            plan = Plan(load(*config))
        except ConfigError as error:
            detail = f"its configuration is not one for this version ({error})"
            return [Finding("the archive", State.OTHER, detail)]
        weights = [f"results/weights/{place}.safetensors" for place in _wanted(plan, what)]
        _build(folder, config, weights, cores)
        return _compare(folder, found, description, signatures(plan))


def _unpack_config(found: Scan, description: Description, folder: Path) -> list[Path]:
    """Write the files of the configuration; return them. Their names have been checked."""
    names = {"config.yaml", *description.config}
    for member in found.members:
        if member.name in names:
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, found.read(member))
    return [folder / name for name in description.config]


def _wanted(plan: Plan, what: Sequence[str]) -> list[Place]:
    """Return the cells to build again; none means everything."""
    if list(what) == ["all"]:
        print("Building everything again.")
        return []
    if list(what) == ["sample"]:
        chosen = _sample(plan)
        print(
            f"Building {len(chosen)} of {len(plan.cells)} cells again, chosen at random; the same "
            f"again: --retrain {' '.join(map(str, chosen))}"
        )
        return chosen
    return [plan.place(name) for name in what]


def _sample(plan: Plan) -> list[Place]:
    """Return some cells, so that nobody can know beforehand which ones."""
    costs = plan.costs()
    places = list(plan.cells)
    random.SystemRandom().shuffle(places)
    chosen: list[Place] = []
    seconds = 0.0
    for place in places:
        cost = _START + sum(costs[file] for file in plan.chunks(place))
        if not chosen or seconds + cost <= _SECONDS:
            chosen.append(place)
            seconds += cost
    return chosen


def _build(folder: Path, config: Sequence[Path], targets: Sequence[str], cores: str) -> None:
    """Run the workflow that is here in another folder."""
    command = [sys.executable, "-m", "snakemake", "--cores", cores]
    command += ["--snakefile", str(_ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--workflow-profile", str(_ROOT / "profiles/default")]
    command += ["--configfile", *map(str, config), "--", *targets]
    paths = [str(_ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    sys.stdout.flush()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=False
    )
    if done.returncode:
        raise UserError("The build failed (see above), so nothing was compared.")


def _compare(
    folder: Path, found: Scan, description: Description, here: Mapping[str, Signature]
) -> list[Finding]:
    """Return which of the files that were built are not those of the archive."""
    members = {member.name: member for member in found.members}
    known = {name: member.sha256 for name, member in members.items()} | description.left_out
    findings, same = [], 0
    for path in sorted((folder / "results").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.relative_to(folder).parts[1] in _NOT_COMPARED:
            continue
        built = describe(name, path).sha256
        if known.get(name) == built:
            same += 1
            continue
        detail = "the archive does not have it"
        if name in members:
            detail = _difference(path, found.read(members[name]))
        elif name in known:
            detail = "its checksum is another one"
        if others := other_stages(name, description.stages, here):
            detail += f"; here are other code or libraries for: {', '.join(others)}"
        findings.append(Finding(name, State.OTHER if others else State.ALTERED, detail))
    print(f"Built again: {same + len(findings)} files, of which {same} are the same.")
    return findings


def _difference(built: Path, archived: bytes) -> str:
    """Return by how much weights differ, or that another kind of file does."""
    if built.suffix != ".safetensors":
        return "built again, it is different"
    other = built.with_name(f".archived-{built.name}")
    write_bytes(other, archived)
    try:
        return f"built again, it is different: {how_much(other, built)}"
    except WeightsError:
        return "it holds no weights of this version"
    finally:
        other.unlink()
