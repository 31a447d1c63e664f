"""Sentences about durations, failures and errors."""

import errno
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from superposition.base.files import CURES

_TAIL = 15
# A build beside this one takes away what Snakemake has just seen: results that are being made
# anew, and with its end the folder of locks, this one's among them.
_BESIDE = re.compile(
    r"Directory cannot be locked|a concurrent process has deleted it"
    r"|^(FileNotFoundError|OSError: .*Directory not empty): .*(\.snakemake/locks|put\.lock)",
    flags=re.MULTILINE,
)
_TOLD_BESIDE = """Another build seems to be running in this folder, or ended just as this one began.
Run the same command again once it has finished; what is there stays."""
_OPTION = re.compile(r"^ValueError: Invalid config definition", flags=re.MULTILINE)
_TOLD_OPTION = """error: --config takes KEY=VALUE, with a key of config.yaml, such as runs=4.
What is below a key is given so: --config 'training={steps: 50, batch: 256}'"""
# Snakemake's own words for these end in a traceback, or in advice about permissions.
_FULL = (errno.ENOSPC, errno.EDQUOT)
# Snakemake tells a job's failure in these words too; what its log says is told instead.
_REPEATS = (
    "RuleException:\nCalledProcessError",
    "Shutting down",
    "WorkflowError:\nAt least one job did not complete",
)

_REASONS = {
    "Missing output": "results are missing",
    "Params have": "settings, code or libraries have changed",
    "Code has": "settings, code or libraries have changed",
    "Forced": "it was asked for, or was not finished",
}
_FOLLOWS = "of what these make, or of files that have changed"


def duration(seconds: float) -> str:
    """Minutes and seconds as 1:05, with hours where there are any."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def rounded(seconds: float) -> str:
    """Whole minutes, with hours where there are any; less than one as tens of seconds."""
    if seconds < 55:
        return f"{max(round(seconds / 10), 1)}0 s"
    hours, minutes = divmod(max(round(seconds / 60), 1), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def reason(told: str) -> str:
    """Snakemake's reason for a job, as one of few."""
    return next((words for start, words in _REASONS.items() if told.startswith(start)), _FOLLOWS)


def failure(label: str, logs: Iterable[str]) -> str:
    """The name of a job that failed, the place of its log, and the end of that."""
    lines = [f"FAILED: {label}"]
    for log in logs:
        try:
            told = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            told = [f"(it cannot be read: {error.strerror})"]
        lines.append(f"  its log, {log}, ends:")
        lines += [f"  | {line}" for line in told[-_TAIL:] or ["(it is empty)"]]
    return "\n".join(lines)


def explain_error(message: str, why_not: Callable[[str], str] = lambda file: "") -> str:
    """An error of Snakemake's in plain words, or nothing if it only repeats a failed job's.

    Args:
        message: Snakemake's words.
        why_not: Why a build does not have a file, or nothing if it is not known.
    """
    if _BESIDE.search(message):
        return _TOLD_BESIDE
    if message.lstrip().startswith(_REPEATS):
        return ""
    for code in _FULL:
        if os.strerror(code) in message:
            return CURES[code]
    if unknown := re.match(r"MissingRuleException:\nNo rule to produce (\S+) ", message):
        return why_not(unknown[1]) or (
            f"Nothing makes {unknown[1]}: ask for a result, such as results/figures/intro.svg, or "
            "for a rule (snakemake --list-rules)."
        )
    if message.startswith("Exiting because a job execution failed"):
        return (
            "The build failed (see above). What is finished stays: mend the cause and run the same "
            "command again."
        )
    if _OPTION.search(message):
        return _TOLD_OPTION
    if message.startswith("Traceback"):
        last = message.rstrip().splitlines()[-1]
        return f"Snakemake cannot go on: {last}\n(--verbose tells where in its code.)"
    message = re.sub(
        r'^\w+(Error|Exception) in (rule \w+ in )?file "[^"]*", line \d+:\n', "", message
    )
    return re.sub(r'\n  File "[^"]*", line \d+, in .*', "", message).rstrip()
