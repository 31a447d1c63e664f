"""Variables that people set for other programs, or for numba code of their own."""

import os

from superposition.base.errors import UserError

_KEPT = ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_CUDA_")
"""What begins with these is meant for this program as well."""


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
