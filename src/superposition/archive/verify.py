"""Whether results are what they were: those here, or those of an archive.

The exit code is 0 if all is as it was computed and 1 if it is not. It is 3 if an archive is whole,
but parts of it, built again, are different, and other code or other libraries than those here had
made them.
"""

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from superposition.archive.check import check, open_archive, report
from superposition.archive.layout import SUMS, description_of
from superposition.archive.rebuild import build_again, plan_of, unplanned
from superposition.archive.sources import compare_sources, sources_of
from superposition.base.errors import UserError
from superposition.base.files import write_text
from superposition.base.source_digest import versions
from superposition.base.stopping import tidily
from superposition.base.terminal import short, some
from superposition.base.version import VERSION
from superposition.model import fingerprints, weights
from superposition.model.fingerprints import Checksums, Difference, Fingerprint, State, by_density
from superposition.model.weights import WeightsError
from superposition.report.readme import shown
from superposition.workflow.configuration import resolve
from superposition.workflow.plan import Plan

_NAMED = 3
_LIBRARIES = ("numpy", "numba", "llvmlite")


@tidily()
def verify_command(options: Namespace) -> int:
    """Print how an archive, or else the results here and what README and docs/ show, compare."""
    if options.archive:
        return _verify_archive(options)
    committed = fingerprints.read(options.checksums)
    print(
        f"Comparing {options.results}/weights with {options.checksums},"
        f" made by version {short(committed.package)} with {short(committed.libraries)};"
        f" here: version {VERSION} with {versions(*_LIBRARIES)}."
    )
    plan = Plan(resolve(options))
    found, damaged = _fingerprints(options.results)
    left_out = _left_out(plan)
    # What is left out is compared if another build has left it here, with the settings of ours.
    beside = {
        name
        for name, one in committed.weights.items()
        if name.partition("/")[0] in left_out
        and name in found
        and found[name].settings == one.settings
    }
    asked = {
        name: one
        for name, one in committed.weights.items()
        if name in beside or name.partition("/")[0] not in left_out
    }
    # Of a damaged file, the cells are neither there nor missing.
    known = {name: one for name, one in asked.items() if name.partition("/")[0] not in damaged}
    strange = [
        name
        for name, fingerprint in known.items()
        if name not in found or found[name].settings != fingerprint.settings
    ]
    if len(strange) > len(known) / 2:
        others = [name for name in strange if name in found]
        such = f" (such as {', '.join(others[:_NAMED])})" if others else ""
        missing, same = len(strange) - len(others), _same(found, known)
        print(
            f"Of {len(known)} cells, {missing} are not there, {len(others)} have other settings"
            f"{such}, and {same} have the same bytes: these results are unfinished, or of another "
            "configuration. Run make for those of config.yaml, and then this again."
        )
        return 1
    differences = [Difference(name, State.DAMAGED, text) for name, text in damaged.items()]
    differences += fingerprints.compare(found, known, {*by_density(plan.cells), *beside})
    print(f"{_same(found, known)} of {len(asked)} checksums are the same.")
    if differences:
        print(report(differences))
    print(f"What {options.readme} and docs/ show, compared with {options.results}:")
    items = shown(options.results / "claims.json", options.readme, plan.durations())
    problems = [item.difference() for item in items]
    for item, problem in zip(items, problems, strict=True):
        print(f"  {item.name}: {problem or 'same'}.")
    return int(any(row.state is not State.EXTRA for row in differences) or any(problems))


def checksums_command(options: Namespace) -> None:
    """Write the checksums of finished results: of all cells of the configuration, and no others.

    Those of experiments that it has but leaves out, such as follow-ups, stay as they are.
    """
    plan = Plan(resolve(options))
    cells = by_density(plan.cells)
    found, damaged = _fingerprints(options.results)
    if damaged:
        raise UserError(f"{' '.join(damaged.values())} No checksums were written.")
    stale = [
        name
        for name, shared in cells.items()
        if name not in found or found[name].settings != fingerprints.settings_digest(*shared)
    ]
    if stale:
        raise UserError(
            f"{options.results} has no weights with the configuration's settings for "
            f"{', '.join(stale)}: build them with make. No checksums were written."
        )
    known = fingerprints.read(options.checksums).weights if options.checksums.is_file() else {}
    left_out = _left_out(plan)
    kept = {name: one for name, one in known.items() if name.partition("/")[0] in left_out}
    checksums = Checksums(
        package=VERSION,
        libraries=versions(*_LIBRARIES),
        weights=kept | {name: found[name] for name in cells},
    )
    text = json.dumps(checksums.model_dump(mode="json"), indent=1, sort_keys=True)
    write_text(options.checksums, text + "\n")
    print(f"Wrote {options.checksums}: {len(cells)} checksums of weights.")


def _same(found: Mapping[str, Fingerprint], known: Mapping[str, Fingerprint]) -> int:
    """Of how many cells the bytes are those that are known."""
    return sum(name in known and found[name].sha256 == known[name].sha256 for name in found)


def _left_out(plan: Plan) -> set[str]:
    """Experiments that a configuration has and does not build."""
    return plan.config.experiments.keys() - set(plan.experiments)


def _fingerprints(results: Path) -> tuple[dict[str, Fingerprint], dict[str, str]]:
    """The fingerprints of all weights; and what is wrong with which experiments."""
    # What a killed process has left behind begins with a dot.
    files = sorted((results / "weights").glob("[!.]*.safetensors"))
    if not files:
        raise UserError(f"There are no weights in {results / 'weights'}: build them with make.")
    found: dict[str, Fingerprint] = {}
    damaged: dict[str, str] = {}
    for file in files:
        try:
            cells = weights.load(file)
        except WeightsError as error:
            damaged[file.stem] = str(error)
        else:
            found |= {
                f"{file.stem}/{name}": fingerprints.fingerprint(*shared)
                for name, shared in by_density(cells).items()
            }
    return found, damaged


def _verify_archive(options: Namespace) -> int:
    with open_archive(options.archive) as archive:
        print(f"{short(str(options.archive))}: {len(archive.namelist())} files.")
        differences = check(archive)
        if differences:
            print("Nothing is built again from it; get a whole copy first:")
            print(report(differences))
            return 1
        about = description_of(archive)
        mark = f", but for changes in {some(about.changed)}" if about.changed else ""
        print(
            f"Every file is there, and agrees with its checksum. It says: sources of commit "
            f"{about.commit} ({about.committed}){mark}; results of {some(about.config)}, by "
            f"version {short(about.package)} (here: {VERSION}).",
            flush=True,
        )
        plan = plan_of(archive, about)
        compared = [compare_sources(archive, about)]
        if list(options.retrain) != ["none"]:
            compared.append(build_again(archive, about, plan, options.retrain, options.cores))
        differences += unplanned(archive, about, plan)
        for one in compared:
            print(one.told)
            differences += one.differences
        print(report(differences) if differences else "Nothing that was compared is wrong.")
        known = {SUMS, *(row.name for row in differences)}.union(*(one.same for one in compared))
        print(_unchecked({*archive.namelist()} - known, sources_of(archive)))
    states = {row.state for row in differences}
    return (3 if states == {State.OTHER_VERSION} else 1) if states else 0


def _unchecked(names: set[str], sources: set[str]) -> str:
    """A line for each kind of file that nothing was compared with but its own checksum."""
    results = {name for name in names if name.startswith("results/")}
    records = {name for name in names if name.startswith(".snakemake/")}
    kinds = {
        "sources": names & sources,
        "results": results,
        "Snakemake's records of results": records,
        "what it says of itself": names - sources - results - records,
    }
    lines = ["Not compared, or in part, so only as trustworthy as where you got it from:"]
    for kind, its in kinds.items():
        if its:
            # Records have names that tell nobody anything.
            lines.append(f"  {kind}: {len(its) if its is records else some(sorted(its))}")
    return "\n".join(lines)
