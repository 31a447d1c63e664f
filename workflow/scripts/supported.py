"""Say in a sentence why setup.sh cannot use this Python or this machine; say nothing if it can."""

import importlib.util
import platform
import sys
import sysconfig

MACHINES = ("Linux x86_64", "Linux aarch64", "Darwin arm64")
GLIBC = (2, 28)


def reason() -> str:
    """Why not, or nothing."""
    found = f"{platform.python_implementation()} {platform.python_version()}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        found += " without its global lock"
    if not ((3, 11) <= sys.version_info < (3, 15) and found == f"CPython {found.split()[1]}"):
        return f"Python 3.11 to 3.14 is needed; found: {found}."
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return f"Python with its modules venv and ensurepip is needed; {found} has not got them."
    machine = f"{platform.system()} {platform.machine()}"
    if machine in MACHINES and (machine.startswith("Darwin") or libc() >= GLIBC):
        return ""
    if machine in MACHINES:
        machine += " with another C library, or an older one,"
    return (
        f"numba and torch have no packages for {machine}; they have for Linux on x86-64 and "
        "aarch64 (glibc 2.28 or newer) and for Macs with Apple's processors."
    )


def libc() -> tuple[int, ...]:
    """The version of glibc; nothing if it is another library."""
    name, version = platform.libc_ver()
    return tuple(map(int, version.split(".")[:2])) if name == "glibc" else ()


if __name__ == "__main__":
    why_not = reason()
    if why_not:
        print(why_not)
    sys.exit(bool(why_not))
