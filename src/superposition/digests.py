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
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = "superposition"
ROOT = Path(__file__).resolve().parent


def code_digest(*entries: str, root: Path = ROOT) -> str:
    """Return a digest of everything in the package that the entry modules can run.

    Args:
        entries: Dotted names of modules, such as `superposition.metrics`.
        root: Folder of the package.

    Raises:
        ModuleNotFoundError: If the package has no such module.
    """
    sha = hashlib.sha256()
    modules = closure(*entries, root=root)
    for name in sorted(modules):
        sha.update(f"{name}\0{module_digest(_source(name, root))}\n".encode())
    for file in sorted(_data_files(modules, root)):
        sha.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes())
    return sha.hexdigest()[:16]


def closure(*entries: str, root: Path = ROOT) -> set[str]:
    """Return the names of the package's modules that loading and running the entries can import."""
    reached: dict[str, bool] = {}  # name -> whether its functions' imports have been followed too
    waiting = [(entry, True) for entry in entries]
    while waiting:
        name, whole = waiting.pop()
        if reached.get(name, False) or (name in reached and not whole):
            continue
        if not _exists(name, root):
            raise ModuleNotFoundError(f"{name} is not a module of {root}")
        reached[name] = whole
        waiting += [(target, True) for target in _imports(name, root, whole)]
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append((parent, False))
    return set(reached)


def versions(*distributions: str) -> str:
    """Return `name==version` of installed libraries; a build's own suffix (`+cpu`) is left out."""
    found = []
    for name in distributions:
        try:
            found.append(f"{name}=={version(name).partition('+')[0]}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    return " ".join(found)


def module_digest(source: str) -> str:
    """Return a digest of a module's syntax tree without docstrings; comments are not part of it."""
    return hashlib.sha256(_canonical(_parse(source)).encode()).hexdigest()


# Many stages share modules; a text is parsed once, and an edited file is another text.
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


def _imports(name: str, root: Path, whole: bool) -> Iterator[str]:
    """Yield the package's modules that a module imports; with `whole`, inside functions as well."""
    file = _file(name, root)
    tree = _parse(_source(name, root))
    nodes = ast.walk(tree) if whole else _outside_functions(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _exists(alias.name, root))
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, name, file)
            if _exists(source, root):
                children = [f"{source}.{alias.name}" for alias in node.names]
                modules = [child for child in children if _exists(child, root)]
                # Names defined in a package's own __init__ run it; submodules only pass through it.
                yield from modules if len(modules) == len(children) else [source, *modules]


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _outside_functions(child)


def _absolute(node: ast.ImportFrom, name: str, file: Path) -> str:
    """Return the dotted name after `from`, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    parts = name.split(".")
    keep = len(parts) - node.level + (file.name == "__init__.py")
    return ".".join([*parts[:keep], *filter(None, [node.module])])


def _exists(name: str, root: Path) -> bool:
    return name.partition(".")[0] == PACKAGE and (
        name == PACKAGE or any(path.is_file() for path in _candidates(name, root))
    )


def _file(name: str, root: Path) -> Path:
    return next(path for path in _candidates(name, root) if path.is_file())


def _source(name: str, root: Path) -> str:
    return _file(name, root).read_text(encoding="utf-8")


def _candidates(name: str, root: Path) -> tuple[Path, Path]:
    path = root.joinpath(*name.split(".")[1:])
    return path / "__init__.py", path.with_suffix(".py") if path != root else path / "__init__.py"


def _data_files(modules: set[str], root: Path) -> set[Path]:
    """Return the package's data files whose names stand in a string of the modules."""
    strings = {
        node.value
        for name in modules
        for node in ast.walk(_parse(_source(name, root)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    words = {Path(text).name for text in strings if "\n" not in text and len(text) < 200}
    files = (path for path in root.rglob("*") if path.suffix in {".json", ".csv", ".md", ".txt"})
    return {path for path in files if path.name in words}
