"""What git says of a folder, whatever repository this process was started from or for."""

import os
import subprocess
from pathlib import Path

_PATIENCE = 60
"""Seconds in which git has answered."""


def git(folder: Path, *arguments: str) -> str:
    """What git prints, run in a folder.

    A hook's `GIT_DIR` and its like name the repository that git was started for, and git obeys them
    before it looks at the folder; so it is run without any of its variables.

    Raises:
        OSError: If there is no git.
        subprocess.SubprocessError: If git refuses, or does not answer.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # What people may have set, and would be in the answer.
    settings = ("-c", "log.showSignature=false", "-c", "status.showUntrackedFiles=all")
    return os.fsdecode(
        subprocess.run(
            ["git", *settings, "--no-optional-locks", "-C", str(folder), *arguments],
            env=variables,
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
        ).stdout
    )
