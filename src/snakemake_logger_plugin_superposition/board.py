"""What a build has done, is doing and has left to do; no Snakemake in here."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake_logger_plugin_superposition.words import duration

# Seconds that any job is taken to last beside its training: starting Python and its libraries.
_START = 1.5
# An estimate from less than this tells nothing.
_FIRST_SECONDS, _FIRST_FRACTION = 5.0, 0.02
_PERCENT = re.compile(rb"(\d+) %")


@dataclass
class Job:
    """A running job."""

    label: str
    log: Path | None
    started: float
    cost: float


class Board:
    """Follows the jobs of one build by Snakemake's events and estimates the time that is left."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nothing to do; `clock` returns seconds."""
        self.clock = clock
        self.total = self.done = self.failed = 0
        self.running: dict[int, Job] = {}
        self._began = clock()
        self._costs: Mapping[str, float] = {}
        self._cost_total = self._cost_done = 0.0

    def plan(self, costs: Mapping[str, float]) -> None:
        """Learn how many seconds each training (named by its output) should take on one core."""
        self._costs = costs

    def begin(self, stats: Mapping[str, int]) -> str:
        """Take in how many jobs of each rule will run; return the line that says so."""
        counts = {rule: count for rule, count in stats.items() if rule not in {"total", "all"}}
        self._began = self.clock()
        self.total = sum(counts.values())
        self._cost_total = self._training_cost(counts.get("train", 0)) + _START * self.total
        listed = ", ".join(f"{count} {rule}" for rule, count in counts.items())
        return f"Building: {self.total} jobs to run ({listed})."

    def start(self, fields: Mapping[str, Any]) -> None:
        """Note that a job has started; `fields` are those of Snakemake's record."""
        if fields["rule_name"] == "all":
            return
        cost = _START + sum(self._costs.get(str(path), 0.0) for path in fields["output"])
        logs: Iterable[str] = fields["log"]
        log = next((Path(path) for path in logs), None)
        label = (
            fields["rule_msg"] or f"{fields['rule_name']} {' '.join(fields['wildcards'].values())}"
        )
        self.running[fields["jobid"]] = Job(label.strip(), log, self.clock(), cost)

    def finish(self, jobid: int) -> str:
        """Note that a job is done; return its line, or nothing for the target rule."""
        job = self.running.pop(jobid, None)
        if job is None:
            return ""
        now = self.clock()
        self.done += 1
        self._cost_done += job.cost
        width = len(str(self.total))
        count = f"[{self.done:{width}}/{self.total}] {duration(now - self._began):>5}"
        return f"{count}  {job.label} · {now - job.started:.1f} s{self._remaining()}"

    def fail(self, jobid: int) -> str:
        """Note that a job has failed; return what it was about."""
        self.failed += 1
        job = self.running.pop(jobid, None)
        return job.label if job else f"job {jobid}"

    def status(self) -> str:
        """Return one line about the running jobs, cut to the terminal's width."""
        if not self.running:
            return ""
        parts = []
        for job in list(self.running.values()):
            fraction = progress(job.log)
            parts.append(job.label + (f" {fraction:.0%}" if fraction else ""))
        tail = f" | {self.done} of {self.total}, {duration(self.clock() - self._began)}"
        tail += self._remaining()
        room = shutil.get_terminal_size((120, 24)).columns - len(tail) - 3
        text = ", ".join(parts)
        return "  " + (text if len(text) <= room else text[: max(room - 1, 0)] + "…") + tail

    def _training_cost(self, trainings: int) -> float:
        """Return the expected cost of this many trainings.

        Snakemake does not say which; if as many outputs are missing, it is those.
        """
        missing = [cost for path, cost in self._costs.items() if not Path(path).exists()]
        known = missing if len(missing) == trainings else list(self._costs.values())
        return trainings * sum(known) / max(len(known), 1)

    def _remaining(self) -> str:
        """Return about how long the rest will take, at the pace so far."""
        elapsed = self.clock() - self._began
        jobs = list(self.running.values())
        done = self._cost_done + sum(job.cost * progress(job.log) for job in jobs)
        if self.done == self.total or elapsed < _FIRST_SECONDS:
            return ""
        if done < _FIRST_FRACTION * self._cost_total or done >= self._cost_total:
            return ""
        return f", about {duration(elapsed * (self._cost_total / done - 1))} to go"


def progress(log: Path | None) -> float:
    """Return the fraction that a running job has last written to its log, or 0."""
    try:
        with open(log or "", "rb") as file:
            file.seek(0, 2)
            file.seek(max(file.tell() - 400, 0))
            found = _PERCENT.findall(file.read())
    except OSError:
        return 0.0
    return min(int(found[-1]) / 100, 1.0) if found else 0.0
