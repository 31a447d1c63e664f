"""Run the command line: superposition, or python -m superposition."""

import gc
import sys

from superposition.cli import main


def run() -> int:
    """Run the command line of this process; return its exit code."""
    # Loading libraries makes many objects and hardly any garbage. Looking for garbage among them
    # again and again, as Python does, takes about a tenth of a short job.
    gc.set_threshold(1_000_000)
    return main()


if __name__ == "__main__":
    sys.exit(run())
