"""The jobs of a build that are done, running and left; no Snakemake in here."""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from snakemake_logger_plugin_superposition.words import duration, reason, rounded

# Seconds of one core that a job takes, until jobs of its rule have shown what they take here.
_TYPICAL = {"data": 0.5, "export": 1.0, "plot": 1.2}
_OTHERS, _JUDGED, _START = 0.5, 0.3, 0.3
"""Of other rules; of judging, for each training; of a job beside what the plan says."""
_LAST = ("judge", "page", "archive")
"""Rules whose one job waits for all others, so that nothing else runs beside it."""
_TRUST = 10.0
"""Seconds of jobs for which the guess counts; the first jobs of a rule may have had to compile."""
# An estimate from less than this tells nothing.
_FIRST_SECONDS, _FIRST_FRACTION = 5.0, 0.05
_PERCENT = re.compile(rb"(\d+) %")


@dataclass
class Job:
    """A running job; `guess` is in seconds of one core."""

    rule: str
    label: str
    log: str | None
    started: float
    threads: int
    guess: float


class Board:
    """Follows the jobs of one build by Snakemake's events and estimates the time that is left.

    The estimate corrects guesses, rule by rule, by what finished jobs took, in seconds of one core.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nothing to do; `clock` returns seconds."""
        self.clock = clock
        self.total = self.done = 0
        self.running: dict[int, Job] = {}
        self.costs: Mapping[str, Mapping[str, float]] = {}
        """Seconds that long jobs should take on one core, by rule and output."""
        self._began = clock()
        self._waiting: dict[str, float] = defaultdict(float)
        self._guessed: dict[str, float] = defaultdict(float)
        self._took: dict[str, float] = defaultdict(float)
        self._foreseen: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._reasons = Counter[str]()

    def begin(self, stats: Mapping[str, int]) -> str:
        """Take in how many jobs of each rule will run; return the line that says so."""
        counts = {rule: count for rule, count in stats.items() if rule not in {"total", "all"}}
        self._began = self.clock()
        self.total = sum(counts.values())
        listed = ", ".join(f"{count} {rule}" for rule, count in counts.items())
        return f"Building: {self.total} jobs to run ({listed})."

    def expect(self, jobs: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Take in rule and output of all jobs that will run; until then no time is estimated."""
        for rule, output in jobs:
            self._waiting[rule] += self._guess(rule, output)

    def foresee(self, fields: Mapping[str, Any]) -> None:
        """Note a job of a dry run; `fields` are those of Snakemake's record."""
        if (rule := fields["rule_name"]) != "all":
            guess = self._guess(rule, fields["output"])
            self._foreseen[rule].append((fields["rule_msg"] or rule, guess))
            self._reasons[reason(fields["reason"])] += 1

    def outlook(self, cores: int) -> str:
        """The jobs of a dry run by rule, about how long they take, and why they would run."""
        work = {rule: sum(guess for _, guess in jobs) for rule, jobs in self._foreseen.items()}
        last = sum(work.pop(rule, 0.0) for rule in _LAST)
        takes = rounded(sum(work.values()) / cores + last)
        count = sum(map(len, self._foreseen.values()))
        unit = "job" if count == 1 else "jobs"
        lines = [f"To build: {count} {unit}, about {takes} on the {cores} cores here."]
        width = shutil.get_terminal_size((120, 24)).columns
        for rule, jobs in self._foreseen.items():
            names = ", ".join(label for label, _ in jobs)
            line = f"{len(jobs):6} {rule:12} {names}"
            lines.append(line if len(line) <= width else line[: width - 1] + "…")
        lines += [f"{many:6} because {why}" for why, many in self._reasons.items()]
        return "\n".join([*lines, "Every job, and why: the same with --printshellcmds."])

    def start(self, fields: Mapping[str, Any]) -> None:
        """Note that a job has started; `fields` are those of Snakemake's record."""
        rule = fields["rule_name"]
        if rule == "all":
            return
        guess = self._guess(rule, fields["output"])
        if rule in self._waiting:
            self._waiting[rule] = max(self._waiting[rule] - guess, 0.0)
        log, label = next(iter(fields["log"]), None), fields["rule_msg"] or rule
        self.running[fields["jobid"]] = Job(
            rule, label, log, self.clock(), fields["threads"], guess
        )

    def finish(self, jobid: int) -> str:
        """Note that a job is done; return its line, or nothing for the target rule."""
        job = self.running.pop(jobid, None)
        if job is None:
            return ""
        now = self.clock()
        self.done += 1
        self._guessed[job.rule] += job.guess
        self._took[job.rule] += (now - job.started) * job.threads
        width = len(str(self.total))
        count = f"[{self.done:{width}}/{self.total}] {duration(now - self._began):>5}"
        return f"{count}  {job.label} · {now - job.started:.1f} s{self._remaining()}"

    def fail(self, jobid: int) -> str:
        """Note that a job has failed; return what it was about."""
        job = self.running.pop(jobid, None)
        return job.label if job else f"job {jobid}"

    def status(self) -> str:
        """One line about the running jobs, cut to the terminal's width."""
        if not self.running:
            return ""
        parts = [
            f"{job.label} {fraction:.0%}" if (fraction := progress(job.log)) else job.label
            for job in list(self.running.values())
        ]
        tail = f" | {self.done} of {self.total}, {duration(self.clock() - self._began)}"
        tail += self._remaining()
        room = shutil.get_terminal_size((120, 24)).columns - len(tail) - 3
        text = ", ".join(parts)
        return "  " + (text if len(text) <= room else text[: max(room - 1, 0)] + "…") + tail

    def seconds_to_go(self) -> float | None:
        """About how long the rest takes; nothing before there is anything to go by."""
        now, jobs = self.clock(), list(self.running.values())
        elapsed = now - self._began
        busy = sum(self._took.values()) + sum((now - job.started) * job.threads for job in jobs)
        if elapsed < _FIRST_SECONDS or not busy or not self._waiting:
            return None
        work = {rule: guess * self._ratio(rule) for rule, guess in self._waiting.items()}
        last = sum(work.pop(rule, 0.0) for rule in _LAST)
        longest = 0.0
        for job in jobs:
            spent, fraction = now - job.started, progress(job.log)
            left = max(job.guess * self._ratio(job.rule) / job.threads - spent, 0.0)
            if fraction >= _FIRST_FRACTION:
                left = spent * (1 / fraction - 1)
            longest = max(longest, left)
            work[job.rule] = work.get(job.rule, 0.0) + left * job.threads
        # As many cores will be busy as have been so far, until the longest job runs alone.
        return max(sum(work.values()) * elapsed / busy, longest) + last

    def _remaining(self) -> str:
        seconds = self.seconds_to_go()
        if seconds is None or self.done == self.total:
            return ""
        return f", about {rounded(seconds)} to go"

    def _guess(self, rule: str, output: Iterable[str]) -> float:
        """Seconds of one core for a job with these files."""
        if rule == "judge":
            return _JUDGED * len(self.costs.get("train", ()))
        costs = self.costs.get(rule)
        if not costs:
            return _TYPICAL.get(rule, _OTHERS)
        return _START + sum(costs.get(str(path), 0.0) for path in output)

    def _ratio(self, rule: str) -> float:
        """Seconds that jobs of a rule take for each that was guessed."""
        return (_TRUST + self._took[rule]) / (_TRUST + self._guessed[rule])


def progress(log: str | None) -> float:
    """The fraction that a running job has last written to its log, or 0."""
    try:
        with open(log or "", "rb") as file:
            file.seek(0, 2)
            file.seek(max(file.tell() - 400, 0))
            found = _PERCENT.findall(file.read())
    except OSError:
        return 0.0
    return min(int(found[-1]) / 100, 1.0) if found else 0.0
