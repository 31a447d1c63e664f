"""Digests of the package's source, so that an edit is noticed, and a reworded comment is not.

A module counts as its syntax tree without docstrings and comments, every other file as its bytes.
"""

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from superposition.base.canonical import digest
from superposition.base.errors import UserError
from superposition.base.files import cache_folder, write_text

ROOT = Path(__file__).resolve().parents[1]

_DATA = (".json", ".csv", ".md", ".txt", ".html", ".css", ".js")


def source_digest(*parts: str, omit: Sequence[str] = (), root: Path = ROOT) -> str:
    """A digest of parts of the package.

    Reading syntax trees takes a tenth of a second or more, and every job asks. So digests are kept
    on disk, each under a hash of the bytes that it is of: dates tell nothing for sure.

    `parts` and `omit` are files and folders below the package, such as `base/tables.py`; what is in
    `omit` does not count.

    Raises:
        FileNotFoundError: If the package has no such part.
        SyntaxError: If a module is none.
    """
    files = {name: (root / name).read_bytes() for name in sorted(_names(parts, omit, root))}
    sha = hashlib.sha256(Path(__file__).read_bytes())
    for name, content in files.items():
        sha.update(f"{name} {len(content)} ".encode() + content)
    kept = cache_folder() / "digests" / sha.hexdigest()[:32]
    with suppress(OSError):
        found = kept.read_text(encoding="ascii", errors="replace")
        if re.fullmatch("[0-9a-f]{16}", found):
            return found
    texts = ((name, content.decode()) for name, content in files.items())
    lines = (
        f"{name}\0{module_digest(text) if name.endswith('.py') else digest(text)}\n"
        for name, text in texts
    )
    found = digest("".join(lines))[:16]
    # Without a place to keep it, it is only found again the long way.
    with suppress(UserError):
        write_text(kept, found)
    return found


def versions(*distributions: str) -> str:
    """`name==version` of installed libraries; a build's own suffix (`+cpu`) is left out."""
    found = []
    for name in distributions:
        try:
            found.append(f"{name}=={version(name).partition('+')[0]}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    return " ".join(found)


def _names(parts: Sequence[str], omit: Sequence[str], root: Path) -> Iterator[str]:
    for part in parts:
        top = root / part
        if not top.exists():
            raise FileNotFoundError(f"superposition has no {part}")
        for path in [top] if top.is_file() else top.rglob("*"):
            name = path.relative_to(root).as_posix()
            left_out = any(f"{name}/".startswith(f"{other}/") for other in omit)
            # What is hidden belongs to a tool or an editor, and may be gone the next moment.
            if path.suffix in (".py", *_DATA) and "/." not in f"/{name}" and not left_out:
                yield name


# Many stages share modules. A text is read once; an edited file is another text.
@cache
def module_digest(source: str) -> str:
    """A digest of a module's syntax tree without docstrings; comments are not part of it."""
    return digest(_canonical(ast.parse(source)))


def _canonical(node: object) -> str:
    """A syntax tree as text, the same under every version of Python.

    `ast.dump` is not: later versions add fields and leave out empty ones. Empty fields say nothing
    here, so they are left out always.
    """
    if isinstance(node, list):
        return "[" + ",".join(_canonical(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        fields["body"] = [item for item in fields["body"] if not _is_text(item)]
    written = (
        f"{key}={_canonical(value)}" for key, value in fields.items() if value not in (None, [])
    )
    return f"{type(node).__name__}({','.join(written)})"


def _is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a lone string: a docstring, of a field as of a function."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
