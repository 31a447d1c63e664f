"""Sentences about durations, failures and errors."""

import re
from collections.abc import Iterable
from pathlib import Path

_TAIL = 15
_LOCKED = """Another build seems to be running in this folder; wait until it has finished.
If none is running, an earlier one was killed and left its lock: `snakemake --unlock` removes it."""
# A build beside this one takes away what Snakemake has just seen: results that are being made
# anew, and with its end the folder of locks, this one's among them.
_BESIDE = re.compile(
    r"a concurrent process has deleted it"
    r"|^(FileNotFoundError|OSError: .*Directory not empty): .*(\.snakemake/locks|put\.lock)",
    flags=re.MULTILINE,
)
_TOLD_BESIDE = """Another build seems to be running in this folder, or ended just as this one began.
Run the same command again once it has finished; what is there stays."""
# Snakemake's own words for these end in a traceback, or in advice about permissions.
_FULL = {
    "No space left on device": "The disk is full: free some space",
    "Disk quota exceeded": "The disk quota is used up: free some space",
}
# Snakemake tells a job's failure in these words too; what its log says is told instead.
_REPEATS = (
    "RuleException:\nCalledProcessError",
    "Shutting down",
    "WorkflowError:\nAt least one job did not complete",
)
_END_OF_FAILURE = "Exiting because a job execution failed"


def duration(seconds: float) -> str:
    """Return minutes and seconds as 1:05, with hours where there are any."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def failure(label: str, logs: Iterable[str]) -> str:
    """Return what failed, where its log is, and how that ends."""
    lines = [f"FAILED: {label}"]
    for log in logs:
        lines.append(f"  its log, {log}, ends:")
        lines += [f"  | {line}" for line in _tail(Path(log))]
    return "\n".join(lines)


def explain_error(message: str, failed: int) -> str:
    """Return an error of Snakemake's in plain words, or nothing if it only repeats a failed job's.

    Args:
        message: Snakemake's words.
        failed: How many jobs have failed so far.
    """
    if "Directory cannot be locked" in message:
        return _LOCKED
    if _BESIDE.search(message):
        return _TOLD_BESIDE
    if message.lstrip().startswith(_REPEATS):
        return ""
    for words, cure in _FULL.items():
        if words in message:
            return f"{cure} and run the same command again; what is finished stays."
    if message.startswith(_END_OF_FAILURE):
        jobs = f"{failed} jobs failed (see above)" if failed > 1 else "A job failed (see above)"
        return f"{jobs}. What is finished stays: mend the cause and run the same command again."
    if message.startswith("Traceback"):
        last = message.rstrip().splitlines()[-1]
        return f"Snakemake cannot go on: {last}\n(--verbose tells where in its code.)"
    message = re.sub(
        r'^\w+(Error|Exception) in (rule \w+ in )?file "[^"]*", line \d+:\n', "", message
    )
    return re.sub(r'\n  File "[^"]*", line \d+, in .*', "", message).rstrip()


def _tail(log: Path) -> list[str]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return [f"(it cannot be read: {error.strerror})"]
    return lines[-_TAIL:] or ["(it is empty)"]
