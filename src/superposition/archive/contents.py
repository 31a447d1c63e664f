"""What goes into an archive, and what the archive says of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from superposition import __version__
from superposition.archive.container import Content, Member, describe, is_folder
from superposition.archive.crate import crate, folders
from superposition.archive.description import CRATE, NAME, SUMS, Description, signatures
from superposition.archive.records import record, record_name
from superposition.archive.sources import Sources
from superposition.errors import UserError
from superposition.workflow import Plan

_REPORT = "results/report.html"


def contents(
    folder: Path, found: Sources, config: Sequence[str], plan: Plan
) -> tuple[Description, list[Content]]:
    """Return an archive's description and its members, in order.

    The checksums come first: of an archive that is cut short, they tell what is missing.

    Raises:
        UserError: If a result is missing.
    """
    built = results(plan, folder)
    samples = plan.samples()
    _check_present(folder, (*built, *samples))
    # A report that was written by hand has no record, and needs none.
    recorded = [
        name
        for name in (*built, *samples)
        if name != _REPORT or (folder / record_name(name)).is_file()
    ]
    description = Description(
        package=__version__,
        commit=found.commit,
        committed=found.committed,
        changed=found.changed,
        config=tuple(config),
        stages=signatures(plan),
        left_out={name: describe(name, folder / name).sha256 for name in samples},
    )
    members = [describe(name, folder / name) for name in (*found.files, *built)]
    members += [describe(record_name(name), record(folder, name)) for name in recorded]
    members.append(describe(NAME, description.text().encode()))
    members.append(describe(CRATE, crate(folder, description, members).encode()))
    # Readers of crates look in a zip file for the folders that it names, as members of their own.
    members += [describe(name, b"") for name in folders(members)]
    members.sort(key=lambda content: (content.name not in (NAME, CRATE), content.name))
    return description, [describe(SUMS, sums(members).encode()), *members]


def results(plan: Plan, folder: Path) -> list[str]:
    """Return the results of a plan that are archived."""
    report = [_REPORT] if (folder / _REPORT).is_file() else []
    return sorted({*plan.results(), *report})


def sums(members: Iterable[Content]) -> str:
    """Return the checksums of the files as `sha256sum -c` reads them."""
    files = (content for content in members if not is_folder(content))
    lines = sorted((content.name, content.sha256) for content in files)
    return "".join(f"{digest}  {name}\n" for name, digest in lines)


def is_safe(name: str) -> bool:
    """Tell whether a name stays below the folder that an archive is unpacked into, everywhere."""
    parts = name.split("/")
    odd = any(ord(letter) < 32 or letter in '\\:*?"<>|\x7f' for letter in name)
    return not odd and all(part not in ("", ".", "..") for part in parts)


def has_safe_name(member: Member) -> bool:
    """Tell whether a member of an archive can be unpacked below a folder."""
    return is_safe(member.name.removesuffix("/") if is_folder(member) else member.name)


def _check_present(folder: Path, names: Iterable[str]) -> None:
    if missing := [name for name in names if not (folder / name).is_file()]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(f"{missing[0]}{more} cannot be found: build the results first, with make.")


def by_kind(members: Iterable[Content]) -> dict[str, int]:
    """Return how many bytes each kind of content has, largest first."""
    kinds: dict[str, int] = {}
    for content in members:
        parts = PurePosixPath(content.name).parts
        kind = "sources"
        if parts[0] == "results":
            kind = PurePosixPath(parts[1]).stem
        elif parts[0] == ".snakemake":
            kind = "Snakemake's records"
        kinds[kind] = kinds.get(kind, 0) + content.size
    return dict(sorted(kinds.items(), key=lambda item: -item[1]))
