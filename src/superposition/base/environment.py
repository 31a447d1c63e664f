"""What is set and installed around this program: others' variables, and libraries of its extras."""

import os
from importlib.util import find_spec

from superposition.base.errors import UserError

_KEPT = ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_CUDA_")
"""What begins with these is meant for this program as well."""

_EXTRAS = {
    "torch": "torch",
    "snakemake": "workflow",
    "jinja2": "workflow",
    "markupsafe": "workflow",
    "numba_cuda": "cuda",
    "cuda": "cuda",
}
"""The extra of the package that brings a library."""


def need(module: str, what: str) -> None:
    """Make sure that a library of an extra is there for what needs it.

    Raises:
        UserError: If it is not, with the extra that brings it.
    """
    if find_spec(module) is None:
        raise _lacking(module, what)


def missing_extra(error: ModuleNotFoundError, what: str) -> UserError | None:
    """What to say of a library that could not be imported, if an extra brings it."""
    module = (error.name or "").partition(".")[0]
    is_there = module not in _EXTRAS or find_spec(module) is not None
    return None if is_there else _lacking(module, what)


def _lacking(module: str, what: str) -> UserError:
    return UserError(
        f"{what} needs {module}, which is not installed. Install it with: "
        f"pip install 'superposition[{_EXTRAS[module]}]'"
    )


def ignore_others() -> None:
    """Forget the variables that are not for this process and those that it starts.

    A notebook's `MPLBACKEND` names what is not installed here. numba's variables for debugging make
    code that is slow, or none.
    """
    for name in list(os.environ):
        if name == "MPLBACKEND" or (name.startswith("NUMBA_") and not name.startswith(_KEPT)):
            del os.environ[name]


def check_compiler() -> None:
    """Refuse what keeps numba from compiling, where the process is the user's."""
    for name in ("NUMBA_DISABLE_JIT", "NUMBA_DEBUGINFO"):
        if os.environ.get(name, "0") not in ("", "0"):
            raise UserError(
                f"{name} is set in the environment, and with it numba cannot compile what trains: "
                "unset it and start Python again."
            )
