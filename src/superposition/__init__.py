"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte.

In a notebook or a script: `experiment` or `read_config` says what to train, `train` trains it and
returns what `Trained` describes. Nothing is loaded before it is asked for.
"""

from importlib import import_module

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # By a name in a string, not an import statement: what a stage runs is found by reading those,
    # and no stage runs the library.
    modules: dict[str, str] = import_module("superposition.public").MODULES
    if name not in modules:
        raise AttributeError(f"module 'superposition' has no attribute {name!r}")
    return getattr(import_module(modules[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *import_module("superposition.public").MODULES])
