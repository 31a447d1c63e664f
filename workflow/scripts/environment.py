"""Write environment.yml from the pins of requirements.lock; with --check, tell whether it agrees.

The pins stand in environment.yml in full: an environment file that refers to a requirements file
works with `conda env create`, but not where Snakemake copies it elsewhere. So would one that
installs this package from here (`-e .`); the workflow needs it nowhere but in src/.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "workflow" / "envs" / "requirements.lock"
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
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!]+)$")


def normalise(lock: str) -> str:
    """Return the lock for machines with and without CUDA.

    The suffix of torch's build goes, which a package index does not know; and so do the packages
    of CUDA, which torch's build for CUDA asks for itself, at exact versions.
    """
    lock = re.sub(r"^(torch==[0-9.]+)\+\w+$", r"\1", lock, flags=re.MULTILINE)
    return re.sub(r"^(nvidia|cuda|triton).*\n( +#.*\n)*", "", lock, flags=re.MULTILINE)


def pins(lock: str) -> list[str]:
    """Return the lock's `name==version` lines.

    Raises:
        ValueError: If a line is anything but an exact pin or a comment.
    """
    lines = [line.strip() for line in lock.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    for line in wanted:
        if not PIN.match(line):
            raise ValueError(f"{LOCK.name}: {line!r} is not an exact pin, name==version.")
    return wanted


def environment(lock: str) -> str:
    """Return the text of environment.yml."""
    return HEADER + "".join(f"      - {pin}\n" for pin in pins(lock))


def main() -> int:
    """Write the file, or check it."""
    lock = LOCK.read_text(encoding="utf-8")
    fixed = normalise(lock)
    text = environment(fixed)
    if "--check" in sys.argv[1:]:
        agrees = fixed == lock and ENVIRONMENT.read_text(encoding="utf-8") == text
        if not agrees:
            print("environment.yml and the lock disagree: run workflow/scripts/environment.py.")
        return int(not agrees)
    LOCK.write_text(fixed, encoding="utf-8", newline="\n")
    ENVIRONMENT.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
