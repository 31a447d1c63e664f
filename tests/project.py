"""A copy of this repository to build in: what jobs run, what they leave, how they are stopped."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from processes import python, run

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["Snakefile", "config.yaml", "environment.yml", "profiles", "src", "workflow"]
SMOKE = "tests/smoke.yaml"
COMMAND = re.compile(
    r"^Shell command: python -m superposition (.*) > \S+ 2>&1$", flags=re.MULTILINE
)
DONE = re.compile(r"^\[ *\d+/\d+\] +[\d:]+  (.*) · [\d.]+ s")


class Project:
    """A copy of this repository in which the smoke configuration can be built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, folder: Path, *others: str) -> "Project":
        for part in (*PARTS, *others):
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / part, folder / part)
        (folder / "tests").mkdir()
        shutil.copy2(ROOT / SMOKE, folder / SMOKE)
        return cls(folder)

    def copy(self, folder: Path) -> "Project":
        shutil.copytree(self.folder, folder)
        return Project(folder)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--configfile", SMOKE, *arguments]

    def variables(self) -> dict[str, str]:
        # The display is our own whether or not the package is installed; the jobs run this copy.
        return {"PYTHONPATH": str(self.folder / "src")}

    def snakemake(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        return run(
            *self.command(*arguments),
            cwd=self.folder,
            variables={**self.variables(), **variables},
            stderr=subprocess.STDOUT,
        )

    def succeeded(self, *arguments: str, **variables: str) -> str:
        """What Snakemake says, which must succeed."""
        done = self.snakemake(*arguments, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(
        self, *arguments: str, output: str = "output.txt", **variables: str
    ) -> subprocess.Popen:
        with (self.folder / output).open("w") as told:
            return subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                env={**os.environ, **self.variables(), **variables},
                stdout=told,
                stderr=told,
                start_new_session=True,
                # Started in the background of a shell, pytest and its children ignore Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def told(self) -> str:
        """Return what a build that was started has said so far."""
        return (self.folder / "output.txt").read_text(encoding="utf-8")

    def build(self, *arguments: str, **variables: str) -> list[str]:
        """Build; return the jobs that ran."""
        return jobs_in(self.succeeded("--cores", "2", *arguments, **variables))

    def failed(self, *arguments: str, **variables: str) -> str:
        """Build, which must fail without a traceback; return what was said."""
        done = self.snakemake("--cores", "1", *arguments, **variables)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def planned(self, *arguments: str, **variables: str) -> list[str]:
        """Return the jobs that would run."""
        told = self.succeeded("--dry-run", "--printshellcmds", *arguments, **variables)
        return sorted(re.findall(r"^Job \d+: (.*)$", told, flags=re.MULTILINE))

    def commands(self, *arguments: str) -> list[list[str]]:
        """Return the commands of a whole build from scratch, in an order that can be followed."""
        told = self.succeeded("--dry-run", "--printshellcmds", "--forceall", *arguments)
        # Jobs are told the configuration by their build.
        configured = ["--config", "config.yaml", SMOKE]
        return [[*shlex.split(job), *configured] for job in COMMAND.findall(told)]

    def run(self, commands: list[list[str]], **variables: str) -> subprocess.CompletedProcess:
        """Run commands by hand, one after the other in one process; its output ends with codes."""
        code = "import json, sys; from superposition.cli import main;"
        code += "print([main(command) for command in json.load(sys.stdin)])"
        return python(
            *("-c", code),
            cwd=self.folder,
            variables={**self.variables(), **variables},
            input=json.dumps(commands),
        )

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def append(self, file: str, text: str = "\n\nUNUSED = 1\n") -> None:
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    def contents(self) -> dict[str, bytes]:
        """Return every result by name; logs and times are none, nor what the page tells of them."""
        results = self.folder / "results"
        return {
            str(file.relative_to(results)): _content(file)
            for file in sorted(results.rglob("*"))
            if file.is_file() and file.relative_to(results).parts[0] not in ("logs", "benchmarks")
        }

    def identities(self) -> dict[str, int]:
        """Return the inode of every result, which is another one once it is written again."""
        return {name: (self.folder / "results" / name).stat().st_ino for name in self.contents()}


def without_conditions(page: str) -> str:
    """Return a page without the section that differs from machine to machine."""
    return re.sub("<!-- conditions:start -->.*?<!-- conditions:end -->", "", page, flags=re.DOTALL)


def _content(file: Path) -> bytes:
    if file.name != "report.html":
        return file.read_bytes()
    return without_conditions(file.read_text(encoding="utf-8")).encode()


def jobs_in(told: str) -> list[str]:
    """Return the jobs that the display says are done."""
    return sorted(match[1] for line in told.splitlines() if (match := DONE.match(line)))


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)
