"""An arm64 Linux under emulation: Debian's packages and the same libraries, unpacked in a folder.

`make aarch64` sets it up where there are Debian's tools, as anybody; only qemu-user has to be
installed. Nothing of it is entered or registered: QEMU is given the interpreter as a file.
"""

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from superposition.base.canonical import digest
from superposition.base.files import cache_folder

TRIPLE, CPU = "aarch64-unknown-linux-gnu", "generic"
LIBRARIES = (
    *("numba", "numpy", "pydantic", "safetensors", "jaxtyping", "beartype"),
    *("matplotlib", "pandas", "pyyaml", "jinja2"),
)
"""What the package needs but for torch and Snakemake; with what each of them needs."""
_LOCKS = Path(__file__).parents[1] / "workflow/envs"
_PINS = [
    pin
    for lock in ("requirements.lock", "dev.lock")
    for pin in re.findall(r"^[\w.-]+==[\w.]+", (_LOCKS / lock).read_text("utf-8"), re.MULTILINE)
]
FOLDER = cache_folder() / f"aarch64-{digest(' '.join((*LIBRARIES, *_PINS)))[:8]}"
_APT = """
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State::lists "{0}/lists";
Dir::State::status "{0}/status";
Dir::Cache "{0}/cache";
Debug::NoLocking "true";
"""


def missing() -> str:
    """Why there is no such Linux here; nothing if there is one."""
    if shutil.which("qemu-aarch64") is None:
        return "There is no qemu-aarch64 here to emulate another processor: install qemu-user."
    return "" if FOLDER.is_dir() else "No arm64 Linux was set up to compare with: make aarch64."


def set_up() -> None:
    """Make the folder, whole or not at all, unless it is there."""
    if FOLDER.is_dir():
        return
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=FOLDER.parent) as made:
        place = Path(made) / FOLDER.name
        _unpack_debian(place)
        _unpack_libraries(place)
        place.rename(FOLDER)


def _unpack_debian(place: Path) -> None:
    """Python, C's library and C++'s, of the Debian that this is."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True)
    (place / "status").touch()
    (place / "apt.conf").write_text(_APT.format(place), encoding="ascii")
    apt = {"APT_CONFIG": str(place / "apt.conf")}
    _run("apt-get", "-qq", "update", **apt)
    wanted = ("python3", "libstdc++6", "zlib1g")
    _run("apt-get", "-qq", "install", "--yes", "--download-only", *wanted, **apt)
    for package in sorted((place / "cache/archives").glob("*.deb")):
        _run("dpkg-deb", "--extract", package, place / "root")
    # Where /lib is a part of /usr, a package that is not needed here says so.
    if not (place / "root/lib").exists():
        (place / "root/lib").symlink_to("usr/lib")
    for folder in ("lists", "cache"):
        shutil.rmtree(place / folder)


def _unpack_libraries(place: Path) -> None:
    """The versions of the locks, as they are published for arm64."""
    glibc = int(platform.libc_ver()[1].partition(".")[2])
    tags = ["manylinux2014_aarch64", *(f"manylinux_2_{k}_aarch64" for k in range(17, glibc + 1))]
    (place / "constraints.txt").write_text("\n".join(_PINS), encoding="utf-8")
    _run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        "--no-warn-conflicts",  # with what is installed for this processor
        *("--target", place / "site", "--constraint", place / "constraints.txt"),
        *("--only-binary=:all:", "--no-compile", f"--python-version={_python(place)[-4:]}"),
        *(f"--platform={tag}" for tag in tags),
        *LIBRARIES,
    )


def _python(place: Path) -> str:
    return next(
        str(file)
        for file in sorted((place / "root/usr/bin").glob("python3.*"))
        if re.fullmatch(r"python3\.\d+", file.name)
    )


def _run(*command: object, **variables: str) -> None:
    subprocess.run([*map(str, command)], env={**os.environ, **variables}, check=True)


def command(*arguments: object) -> list[str]:
    """A command that runs arm64's Python."""
    root = FOLDER / "root"
    return ["qemu-aarch64", "-L", str(root), _python(FOLDER), *map(str, arguments)]


def variables(*path: object) -> Mapping[str, str]:
    """The variables that arm64's Python finds its libraries by, and ours."""
    return {
        "PYTHONHOME": str(FOLDER / "root/usr"),
        "PYTHONPATH": os.pathsep.join(map(str, [FOLDER / "site", *path])),
        "NUMBA_CPU_NAME": CPU,
        "NUMBA_CPU_FEATURES": "",
    }


if __name__ == "__main__":
    if lacking := [name for name in ("apt-get", "dpkg-deb") if shutil.which(name) is None]:
        sys.exit(f"error: An arm64 Debian is set up with Debian's tools; here is no {lacking[0]}.")
    try:
        set_up()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: No arm64 Debian was set up: {shlex.join(error.cmd)} failed, see above.")
