"""Digests of the code that a stage runs, so that an edit reruns what it touches and no more.

Snakemake does not see the modules that a command imports. So each rule carries, among its
parameters, a digest of the package's modules that its stage can reach. The modules are found by
reading the `import` statements, those inside functions included; nothing is imported and no list is
kept by hand. A module counts as its syntax tree without docstrings and comments: rewording or
reformatting changes no digest.

Two rules keep a closure from becoming the whole package. A parent package that is only passed
through on the way to a submodule counts with what it imports when it is loaded, not with what its
functions import later. And a data file of the package counts where a reached module names it in a
string.

Reading syntax trees takes a tenth of a second or two, and every job asks. So digests are kept on
disk, each under a hash of the whole package's bytes: not of dates, which tell nothing for sure.
"""

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

from superposition.files import cache_folder

PACKAGE = "superposition"
ROOT = Path(__file__).resolve().parent

_DATA = (".json", ".csv", ".md", ".txt", ".html", ".css")
_Files: TypeAlias = Mapping[str, bytes]
"""The package's files: path below its folder -> content. Read once, so that all answers agree."""

_last_read: dict[Path, _Files] = {}


def code_digest(*entries: str, root: Path = ROOT) -> str:
    """Return a digest of everything in the package that the entry modules can run.

    Args:
        entries: Dotted names of modules, such as `superposition.metrics`.
        root: Folder of the package.

    Raises:
        ModuleNotFoundError: If the package has no such module.
    """
    return _kept_digest(entries, _read(root))


def code_digest_as_last_read(*entries: str) -> str:
    """Return the digest of the entry modules as they were when a digest was last asked for.

    A job asks right after it has loaded its code. What it learns later, from this, is about the
    same code, whatever has been edited meanwhile.
    """
    return _kept_digest(entries, _last_read.get(ROOT) or _read(ROOT))


def _kept_digest(entries: tuple[str, ...], files: _Files) -> str:
    kept = _kept(entries, files)
    with suppress(OSError):
        found = kept.read_bytes().decode("ascii", "replace")
        if re.fullmatch("[0-9a-f]{16}", found):
            return found
    found = _digest(entries, files)
    # Without a place to keep it, it is only found again the long way.
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_name(f"{kept.name}.{os.getpid()}")
        temporary.write_text(found, encoding="ascii")
        temporary.replace(kept)
    return found


def closure(*entries: str, root: Path = ROOT) -> set[str]:
    """Return the names of the package's modules that loading and running the entries can import."""
    return _closure(entries, _read(root))


def versions(*distributions: str) -> str:
    """Return `name==version` of installed libraries; a build's own suffix (`+cpu`) is left out."""
    found = []
    for name in distributions:
        try:
            found.append(f"{name}=={version(name).partition('+')[0]}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    return " ".join(found)


def _read(root: Path) -> _Files:
    paths = (path for path in root.rglob("*") if path.suffix in (".py", *_DATA))
    names = sorted(path.relative_to(root).as_posix() for path in paths)
    # What is hidden belongs to a tool or an editor, and may be gone the next moment.
    files = {name: (root / name).read_bytes() for name in names if "/." not in f"/{name}"}
    _last_read[root] = files
    return files


def _kept(entries: Iterable[str], files: _Files) -> Path:
    """Return where the digest of these entries to exactly these files is kept."""
    sha = hashlib.sha256(Path(__file__).read_bytes())
    for part in (*(entry.encode() for entry in entries), b"", *_flat(files)):
        sha.update(f"{len(part)} ".encode() + part)
    return cache_folder() / "digests" / sha.hexdigest()[:32]


def _flat(files: _Files) -> Iterator[bytes]:
    for name, content in files.items():
        yield name.encode()
        yield content


def _digest(entries: Iterable[str], files: _Files) -> str:
    sha = hashlib.sha256()
    modules = _closure(entries, files)
    for name in sorted(modules):
        sha.update(f"{name}\0{module_digest(_source(name, files))}\n".encode())
    for path in sorted(_data_files(modules, files)):
        sha.update(f"{path}\0".encode() + files[path])
    return sha.hexdigest()[:16]


def _closure(entries: Iterable[str], files: _Files) -> set[str]:
    reached: dict[str, bool] = {}  # name -> whether its functions' imports have been followed too
    waiting = [(entry, True) for entry in entries]
    while waiting:
        name, whole = waiting.pop()
        if reached.get(name, False) or (name in reached and not whole):
            continue
        if not _exists(name, files):
            raise ModuleNotFoundError(f"{name} is not a module of {PACKAGE}")
        reached[name] = whole
        waiting += [(target, True) for target in _imports(name, files, whole)]
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append((parent, False))
    return set(reached)


# Many stages share modules. A text is read once; an edited file is another text.
@cache
def module_digest(source: str) -> str:
    """Return a digest of a module's syntax tree without docstrings; comments are not part of it."""
    return hashlib.sha256(_canonical(_parse(source)).encode()).hexdigest()


@cache
def _parse(source: str) -> ast.Module:
    return ast.parse(source)


def _canonical(node: object) -> str:
    """Write a syntax tree as text, the same under every version of Python.

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
    """Tell whether a statement is a lone string: a docstring, of a field as of a function."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _imports(name: str, files: _Files, whole: bool) -> Iterator[str]:
    """Yield the package's modules that a module imports; with `whole`, inside functions as well."""
    file = _file(name, files)
    for node in _import_statements(_source(name, files), whole):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _exists(alias.name, files))
        else:
            source = _absolute(node, name, file)
            if _exists(source, files):
                children = [f"{source}.{alias.name}" for alias in node.names]
                modules = [child for child in children if _exists(child, files)]
                # Names defined in a package's own __init__ run it; submodules only pass through it.
                yield from modules if len(modules) == len(children) else [source, *modules]


@cache
def _import_statements(source: str, whole: bool) -> tuple[ast.Import | ast.ImportFrom, ...]:
    tree = _parse(source)
    nodes = ast.walk(tree) if whole else _outside_functions(tree)
    return tuple(node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _outside_functions(child)


def _absolute(node: ast.ImportFrom, name: str, file: str) -> str:
    """Return the dotted name after `from`, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    parts = name.split(".")
    keep = len(parts) - node.level + file.endswith("__init__.py")
    return ".".join([*parts[:keep], *filter(None, [node.module])])


def _exists(name: str, files: _Files) -> bool:
    return name.partition(".")[0] == PACKAGE and any(path in files for path in _candidates(name))


def _file(name: str, files: _Files) -> str:
    return next(path for path in _candidates(name) if path in files)


def _source(name: str, files: _Files) -> str:
    return files[_file(name, files)].decode()


def _candidates(name: str) -> tuple[str, ...]:
    path = "/".join(name.split(".")[1:])
    return (f"{path}/__init__.py", f"{path}.py") if path else ("__init__.py",)


def _data_files(modules: set[str], files: _Files) -> set[str]:
    """Return the package's data files whose names stand in a string of the modules."""
    words = {word for name in modules for word in _names_in_strings(_source(name, files))}
    return {path for path in files if path.endswith(_DATA) and Path(path).name in words}


@cache
def _names_in_strings(source: str) -> frozenset[str]:
    """Return what a module's strings would be the names of, were they paths."""
    nodes = (node for node in ast.walk(_parse(source)) if isinstance(node, ast.Constant))
    strings = (node.value for node in nodes if isinstance(node.value, str))
    return frozenset(Path(text).name for text in strings if "\n" not in text and len(text) < 200)
