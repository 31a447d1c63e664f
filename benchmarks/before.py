"""The kernel of another checkout, to be timed beside this one's: what a change has brought."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from benchmarks.contestants import Case, Work

_PROGRAM = """
import sys
from benchmarks.contestants import Case
from superposition.training import train
for line in sys.stdin:
    n, m, density, models, threads, steps = line.split()
    case = Case(int(n), int(m), float(density))
    train([case.cell(int(steps))], range(int(models)), int(threads), "fused")
    print(flush=True)
"""


class Checkout:
    """A process that trains as a checkout does, when told to."""

    def __init__(self, folder: Path) -> None:
        """Start it; the checkout's own libraries are those of this process."""
        path = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'src')!r}]"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", path + _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def prepare(self, case: Case, models: int, threads: int) -> Work:
        """Have it train models of a case."""

        def run(steps: int) -> None:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            words = (case.n, case.m, case.density, models, threads, steps)
            with suppress(BrokenPipeError):
                print(*words, file=self.process.stdin, flush=True)
            if not self.process.stdout.readline():
                raise SystemExit("error: the checkout given with --before does not train.")

        return Work(run, models)

    def close(self) -> None:
        """End it."""
        self.process.communicate()
