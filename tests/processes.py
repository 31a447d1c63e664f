"""Programs that tests run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy._core import _multiarray_umath as umath

from superposition.base.git import git as ask_git

NONE: Mapping[str, str] = {}


def run(
    *command: object, variables: Mapping[str, str] = NONE, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program with variables of its own; it may fail."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(
        [*map(str, command)],
        env={**os.environ, **variables},
        text=True,
        check=False,
        **pipes | options,
    )


def python(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, *arguments, **options)


def output(*arguments: object, **options: Any) -> str:
    """What Python prints, which must succeed."""
    done = python(*arguments, **options)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def loaded(code: str) -> set[str]:
    """Return the modules that a process has imported once it has run some code."""
    return set(output("-c", f"import sys; {code}; print(*sys.modules)").split())


def plainer_processor() -> dict[str, str]:
    """Variables under which numpy and C's library use nothing but what all such processors have.

    There are none if numpy has one code for this processor and for the plainest.
    """
    optional = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]
    plain = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-FMA,-FMA4"
    named = {"NPY_DISABLE_CPU_FEATURES": " ".join(optional), "GLIBC_TUNABLES": plain}
    return named if optional else {}


def commit(folder: Path) -> None:
    """Make a repository of a folder, with all that is in it."""
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "All of it")


def git(folder: Path, *arguments: str) -> str:
    """What git prints in a repository of a test, with nothing of its user's."""
    settings = ("user.name=A", "user.email=a@example.org", "commit.gpgSign=false")
    apart = (*settings, "core.hooksPath=/dev/null")
    return ask_git(folder, *(part for item in apart for part in ("-c", item)), *arguments)
