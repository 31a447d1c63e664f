"""Make the locks from workflow/envs/*.in, and environment.yml from the first of them.

Without options, pins stay as they are and what is new is added; it needs uv (pip install uv).
`--upgrade`, or `--upgrade-package NAME`, takes newer versions: options go to `uv pip compile`.
`--check` changes nothing, and tells whether the files agree.

A pin has the digests of all files of its version in the public index, and nothing else is installed
(`setup.sh`). That index has torch built for CUDA, and what it needs is a lock of its own. Indexes
that have it built without are preferred; torch-cpu.lock has the digests of these builds, written by
hand from the index of torch's makers.

The pins stand in environment.yml in full: an environment file that refers to a requirements file
works with `conda env create`, but not where Snakemake copies it elsewhere. So would one that
installs this package from here (`-e .`); the workflow needs it nowhere but in src/.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVS = ROOT / "workflow" / "envs"
LOCK = ENVS / "requirements.lock"
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
UV = "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header"
LOCKS = ("requirements", "torch-cuda", "cuda", "slurm")
LEFT_OUT = "connection-pool"
"""What Snakemake asks for and does not import; it has no wheel, and would run code to be built."""
CUDA = re.compile(r"(nvidia|cuda|triton)")
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


def environment(lock: str) -> str:
    """The text of environment.yml."""
    return HEADER + "".join(f"      - {pin}\n" for pin in pins(lock))


def without_cuda(lock: str) -> tuple[str, str]:
    """A lock of uv's, for all systems but Windows, and apart from it what torch needs for CUDA."""
    parts = ["", ""]
    for entry in entries(lock):
        if entry["marker"] != " ; sys_platform == 'win32'":
            text = f"{entry['pin']} \\\n{entry['hashes']}{entry['why']}"
            parts[bool(CUDA.match(entry["name"]))] += text
    return parts[0], parts[1]


def resolved(name: str, *options: str) -> str:
    """What uv pins for an .in file, at the versions that the locks have already."""
    with tempfile.TemporaryDirectory() as folder:
        lock, left_out = Path(folder, "lock"), Path(folder, "left out")
        left_out.write_text(f"{LEFT_OUT}\n", encoding="utf-8")
        # Without their digests, or uv would keep these and ask nobody.
        had = "".join((ENVS / f"{part}.lock").read_text(encoding="utf-8") for part in LOCKS)
        lock.write_text("\n".join(pins(had)), encoding="utf-8")
        command = [*UV.split(), "--only-binary", ":all:", "--excludes", str(left_out), *options]
        subprocess.run([*command, "-o", lock, f"workflow/envs/{name}.in"], cwd=ROOT, check=True)
        return lock.read_text(encoding="utf-8")


def main(options: list[str]) -> int:
    """Write the files, or check them."""
    if options == ["--check"]:
        lock = LOCK.read_text(encoding="utf-8")
        agrees = ENVIRONMENT.read_text(encoding="utf-8") == environment(lock)
        if not agrees:
            print("environment.yml and the lock disagree: run workflow/scripts/environment.py.")
        return int(not agrees)
    made = dict(zip(LOCKS, without_cuda(resolved("requirements", *options)), strict=False))
    made |= {name: resolved(name, "--no-deps", *options) for name in ("cuda", "slurm")}
    for name, text in made.items():
        (ENVS / f"{name}.lock").write_text(text, encoding="utf-8", newline="\n")
    ENVIRONMENT.write_text(environment(made["requirements"]), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
