"""Make the locks from workflow/envs/*.in, and from them environment.yml and downloads.txt.

Without options, pins stay as they are and what is new is added; it needs uv (pip install uv).
`--upgrade`, or `--upgrade-package NAME`, takes newer versions: options go to `uv pip compile`.
`--check` changes nothing, and tells whether the files agree.

A pin has the digests of all files of its version in the public index, and nothing else is installed
(`setup.sh`). There is one version for all systems and all Pythons, so that all have the same bytes.

- requirements.lock: what building, all of `make`, needs.
- compiled.lock: what of that has no wheel for the newest Python, and is built there.
- torch-cuda.lock: what torch needs besides where it is built for CUDA, as in that index. Indexes
  that have it built without are preferred; torch-cpu.lock has the digests of these builds, written
  by hand from the index of torch's makers.
- dev.lock: what testing and checking need besides. slurm.lock, cuda.lock: likewise.
- downloads.txt: how much of it there is to download.

The pins stand in environment.yml in full: an environment file that refers to a requirements file
works with `conda env create`, but not where Snakemake copies it elsewhere. So would one that
installs this package from here (`-e .`); the workflow needs it nowhere but in src/.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENVS = ROOT / "workflow" / "envs"
ENVIRONMENT = ROOT / "environment.yml"
HEADER = """\
# The environment of this workflow for conda or mamba: mamba env create -f environment.yml
# The workflow runs the package in src/; for the progress display, and `python -m superposition` by
# hand, install it as well: pip install --no-deps -e .
# Made from workflow/envs/requirements.lock by workflow/scripts/environment.py; do not edit.
name: superposition
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""
# Every platform and Python at once.
UV = "uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --no-header"
LOCKS = ("requirements", "compiled", "torch-cuda", "dev", "cuda", "slurm")
LEFT_OUT = "connection-pool"
"""What Snakemake asks for and does not import; it has no wheel, and would run code to be built."""
COMPILED = ("immutables",)
CUDA = re.compile(r"(nvidia|cuda|triton)")
PYTHONS = ("311", "312", "313", "314")
MACHINES = {
    "Linux x86_64": r"manylinux\w*_x86_64",
    "Linux aarch64": r"manylinux\w*_aarch64",
    "Darwin arm64": r"macosx_\w*_(arm64|universal2)",
}
"""The end of a wheel's name, by what uname says."""
ENTRY = re.compile(
    r"^(?P<pin>(?P<name>[a-z0-9-]+)==[a-z0-9.!]+)(?P<marker> ; .+)? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)(?P<why>(?:    #.*\n)*)",
    flags=re.MULTILINE,
)


def entries(lock: str) -> list[re.Match[str]]:
    """The pins of a lock.

    Raises:
        ValueError: If anything in it is not an exact pin with digests.
    """
    if rest := ENTRY.sub("", lock):
        raise ValueError(f"{rest.splitlines()[0]!r} is not an exact pin, name==version, and hashes")
    return list(ENTRY.finditer(lock))


def pins(lock: str) -> list[str]:
    """The lock's pins, `name==version`."""
    return [entry["pin"] for entry in entries(lock)]


def environment(*locks: str) -> str:
    """The text of environment.yml."""
    every = sorted(pin for lock in locks for pin in pins(lock))
    return HEADER + "".join(f"      - {pin}\n" for pin in every)


def parts(lock: str) -> dict[str, str]:
    """A lock of uv's, for all systems but Windows, by the locks that its entries belong in."""
    found = dict.fromkeys(("requirements", "compiled", "torch-cuda"), "")
    for entry in entries(lock):
        if entry["marker"] != " ; sys_platform == 'win32'":
            cuda = "torch-cuda" if CUDA.match(entry["name"]) else "requirements"
            part = "compiled" if entry["name"] in COMPILED else cuda
            found[part] += f"{entry['pin']} \\\n{entry['hashes']}{entry['why']}"
    return found


def without(lock: str, *others: str) -> str:
    """A lock without the pins that others have."""
    had = {pin for other in others for pin in pins(other)}
    return "".join(
        f"{entry['pin']} \\\n{entry['hashes']}{entry['why']}"
        for entry in entries(lock)
        if entry["pin"] not in had
    )


def compiled_by_uv(asked: str, form: str, had: str, *options: str) -> str:
    """What `uv pip compile` makes of what is asked for, at versions that are pinned already."""
    with tempfile.TemporaryDirectory() as folder:
        left_out, had_file = Path(folder, "left out"), Path(folder, "had")
        wanted, made = Path(folder, "asked.in"), Path(folder, f"pylock.{form}")
        left_out.write_text(f"{LEFT_OUT}\n", encoding="utf-8")
        wanted.write_text(asked, encoding="utf-8")
        command = [*UV.split(), f"--excludes={left_out}", *options, "-o", str(made), str(wanted)]
        if form == "toml":
            had_file.write_text(had, encoding="utf-8")
            command += ["--format", "pylock.toml", "--constraint", str(had_file)]
        else:
            made.write_text(had, encoding="utf-8")
            command += ["--generate-hashes"]
        subprocess.run(command, cwd=ROOT, check=True)
        return made.read_text(encoding="utf-8").replace(f"-r {wanted}", "asked for")


def asked_in(*names: str) -> str:
    """What .in files ask for."""
    return "".join((ENVS / f"{name}.in").read_text(encoding="utf-8") for name in names)


def made_anew(options: list[str]) -> dict[str, str]:
    """The locks by name."""
    # Without their digests, or uv would keep these and ask nobody.
    files = (ENVS / f"{name}.lock" for name in LOCKS)
    had = "\n".join(pin for file in files if file.is_file() for pin in pins(file.read_text()))
    wheels = [*options, "--only-binary", ":all:"]
    for name in COMPILED:  # its source as well
        wheels += ["--no-binary", name]
    made = parts(compiled_by_uv(asked_in("requirements"), "txt", had, *wheels))
    every = parts(compiled_by_uv(asked_in("requirements", "dev"), "txt", had, *wheels))
    made["dev"] = without(every["requirements"], made["requirements"])
    for name in ("cuda", "slurm"):
        made[name] = compiled_by_uv(asked_in(name), "txt", had, *wheels, "--no-deps")
    return made


def downloads(locks: dict[str, str]) -> str:
    """The text of downloads.txt: megabytes by lock and machine, with the largest files."""
    lines = ["# Megabytes to download, at most; made by workflow/scripts/environment.py."]
    every = {pin for lock in locks.values() for pin in pins(lock)}
    text = compiled_by_uv("\n".join(sorted(every)), "toml", "", "--no-deps")
    packages = {package["name"]: package for package in tomllib.loads(text)["packages"]}
    for machine, pattern in MACHINES.items():
        for name, lock in locks.items():
            asked_for = [packages[entry["name"]] for entry in entries(lock)]
            if name == "torch-cuda" and not machine.startswith("Linux"):
                continue
            torch = [package for package in asked_for if package["name"] == "torch"]
            others = [package for package in asked_for if package["name"] != "torch"]
            if torch:
                lines.append(f"torch {machine} {megabytes(torch, pattern)}")
            lines.append(f"{name} {machine} {megabytes(others, pattern)}")
    return "\n".join(lines) + "\n"


def megabytes(packages: list[dict[str, Any]], pattern: str) -> int:
    """The size of the wheels that one machine takes, for the Python that takes most."""
    fits = re.compile(rf"-(?P<tag>(cp|py)[\w.]+)-\w+-(any|[\w.]*{pattern})\.whl$")

    def size(package: dict[str, Any], python: str) -> int:
        wheels = [(fits.search(wheel["url"]), wheel["size"]) for wheel in package.get("wheels", [])]
        exact = [size for found, size in wheels if found and found["tag"] == f"cp{python}"]
        other = [size for found, size in wheels if found and not found["tag"].startswith("cp31")]
        return int(max(exact or other or [0]))

    return round(max(sum(size(one, python) for one in packages) for python in PYTHONS) / 1e6)


def main(options: list[str]) -> int:
    """Write the files, or check them."""
    if options == ["--check"]:
        had = [(ENVS / f"{name}.lock").read_text(encoding="utf-8") for name in LOCKS[:2]]
        agrees = ENVIRONMENT.read_text(encoding="utf-8") == environment(*had)
        if not agrees:
            print("environment.yml and the locks disagree: run workflow/scripts/environment.py.")
        return int(not agrees)
    made = made_anew(options)
    files = {ENVS / f"{name}.lock": text for name, text in made.items()}
    files[ENVIRONMENT] = environment(made["requirements"], made["compiled"])
    files[ENVS / "downloads.txt"] = downloads(made)
    for file, text in files.items():
        file.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
