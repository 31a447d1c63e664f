"""Stages killed at random moments: python random_kills.py SEED KILLS, in a project that is built.

It reads the stages' commands, each with its results, as JSON. They run in forks of one process, so
that nothing is loaded twice. Each is killed at a random step of its dealings with files, or at a
random byte of what it writes, and run again.
"""

import fcntl
import json
import os
import random
import resource
import signal
import sys
from pathlib import Path

from superposition.base import build_token
from superposition.base.files import clear_unfinished
from superposition.cli import main

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "fcntl.flock"}
RESULTS = Path("results")


def forked(command: list[str], step: int = 0, byte: int | None = None) -> list[str] | None:
    """The steps of a command that runs in a fork; None if it was killed, before a step or byte."""
    reading, writing = os.pipe()
    if process := os.fork():
        os.close(writing)
        with open(reading, encoding="utf-8") as told:
            steps = told.read().split()
        _, status = os.waitpid(process, 0)
        if os.WIFSIGNALED(status):
            return None
        assert status == 0, f"{command} failed"
        return steps
    build_token._STARTED_BY = os.getppid()  # a fork has not loaded it
    steps = []

    def watched(event: str, arguments: tuple) -> None:
        if event == "fcntl.flock" and arguments[1] == fcntl.LOCK_SH:
            return  # asks, from time to time, whether its build is still there
        if event in STEPS and (event != "open" or ".unfinished-" in str(arguments[0])):
            steps.append(event)
            if len(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

    if byte is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (byte, byte))
    sys.addaudithook(watched)
    code = main(command)
    os.write(writing, " ".join(steps).encode())
    os._exit(code)


def kill(chance: random.Random, command: list[str], files: list[Path], steps: list[str]) -> None:
    """Kill a command somewhere, and run it again; its results are whole, and there together."""
    whole = {file: file.read_bytes() for file in files}
    renames = [k for k, step in enumerate(steps, start=1) if step == "os.rename"]
    assert renames == list(range(renames[0], renames[0] + len(files))), (command, steps)
    for file in files:
        file.unlink()  # as Snakemake does before it starts a job
    if chance.random() < 0.3:
        how: dict[str, int] = {"byte": chance.randrange(max(map(len, whole.values())))}
        expected = {0}
    else:
        how = {"step": chance.randrange(1, len(steps) + 1)}
        expected = {sum(k < how["step"] for k in renames)}
    assert forked(command, **how) is None, (command, how)
    found = {file: file.read_bytes() for file in files if file.exists()}
    assert len(found) in expected, (command, how, sorted(found))
    assert found.items() <= whole.items(), (command, how)
    clear_unfinished(RESULTS)
    assert not list(RESULTS.rglob(".*")), (command, how)
    assert forked(command) == steps, (command, how)
    assert {file: file.read_bytes() for file in files} == whole, (command, how)


if __name__ == "__main__":
    seed, kills = map(int, sys.argv[1:])
    jobs = json.load(sys.stdin)
    assert not any(main(command) for command, _ in jobs)  # loads what forks need
    build_token.take_over(Path(".snakemake/superposition.build"))
    chance = random.Random(seed)
    steps = [forked(command) for command, _ in jobs]
    for k in range(kills):
        which = k % len(jobs)
        command, files = jobs[which]
        kill(chance, command, [Path(file) for file in files], steps[which])
