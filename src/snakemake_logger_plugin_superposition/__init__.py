"""Snakemake's output in plain words: what is done, what is running, how long to go, what failed.

Snakemake finds this package by its name once `superposition` is installed; `profiles/default`
switches it on. Snakemake's own output is one flag away: `--verbose` and `--printshellcmds` show it.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from logging import ERROR, INFO, WARNING, LogRecord
from typing import TextIO

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_superposition.board import Board
from snakemake_logger_plugin_superposition.strict import IN_WORKFLOW, read_strictly
from snakemake_logger_plugin_superposition.words import explain_error, failure
from superposition.base.machine import cores

if IN_WORKFLOW:
    read_strictly()

_ASIDE = ("None", "Config file ", "Assuming unrestricted", "Building DAG")
"""How messages begin that come before whatever Snakemake was asked for."""
_TERMINAL_SECONDS = 0.5
_PLAIN_SECONDS = 15.0


class LogHandler(LogHandlerBase):
    """Prints a line per finished job and, on a terminal, one line that follows the running ones."""

    writes_to_stream = True  # so that Snakemake's own handler stays away
    writes_to_file = False  # Snakemake keeps its own full log in .snakemake/log
    has_filter = False  # Snakemake's gives `--quiet all` its meaning
    has_formatter = False  # Snakemake's writes what `--verbose` asks for
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Choose the stream; start the clock that refreshes the status line."""
        settings = self.common_settings
        self.stream: TextIO = sys.stdout if settings.stdout else sys.stderr
        self.own_words = not (settings.verbose or settings.printshellcmds or settings.debug_dag)
        self._dry_run, self._builds = settings.dryrun, False
        self._why_not: Callable[[str], str] = lambda file: ""
        self.board = Board(clock=time.monotonic)
        self._terminal = self.stream.isatty()
        self._status = ""
        self._lock_output = threading.RLock()
        self._stopped = threading.Event()
        # Pages of tracebacks for every line that does not fit into Snakemake's log on a full disk.
        logging.raiseExceptions = False
        if self.own_words:
            threading.Thread(target=self._refresh, daemon=True).start()

    def emit(self, record: LogRecord) -> None:
        """Print what a record means to a person, or nothing."""
        try:
            if self.own_words:
                self._tell(record)
            elif text := self.format(record).removesuffix("None"):
                self._print(text)
        except Exception:
            traceback.print_exc()  # a mistake of our own ends no build

    def close(self) -> None:
        """Stop the clock and clear the status line."""
        self._stopped.set()
        self._show_status("")
        super().close()

    def _tell(self, record: LogRecord) -> None:
        event = getattr(record, "event", None)
        fields = vars(record)
        if "superposition_plan" in fields:
            plan = fields["superposition_plan"]
            self.board.costs, self._why_not = plan.costs(), plan.why_not
        elif "superposition_jobs" in fields:
            self.board.expect(fields["superposition_jobs"])
        elif "superposition_result" in fields:
            self._print(fields["superposition_result"], sys.stdout)
        elif event == LogEvent.WORKFLOW_STARTED:
            self._builds = True
        elif self._dry_run and event == LogEvent.JOB_INFO:
            self.board.foresee(fields)
        elif self._dry_run and event == LogEvent.RUN_INFO:
            return  # the jobs come after it
        elif event == LogEvent.RUN_INFO:
            self._print(self.board.begin(fields["stats"]))
        elif event == LogEvent.JOB_INFO:
            self.board.start(fields)
        elif event == LogEvent.JOB_FINISHED:
            if line := self.board.finish(fields["job_id"]):
                self._print(line)
        elif event == LogEvent.JOB_ERROR:
            self._print(failure(self.board.fail(fields["jobid"]), fields["log"]))
        elif record.levelno >= ERROR or (record.levelno >= WARNING and event is None):
            if text := explain_error(str(record.msg), self._why_not):
                self._print(text)
        elif "Nothing to be done" in str(record.msg):
            self._print(
                "Everything asked for is up to date: nothing to compute.\n"
                "Begin with results/report.html; all numbers: python -m superposition claims."
            )
        elif "This was a dry-run" in str(record.msg):
            self._print(self.board.outlook(cores=cores()))
        elif event is None and record.levelno >= INFO and self._is_told_by_no_build(record):
            self._print(str(record.msg))

    def _is_told_by_no_build(self, record: LogRecord) -> bool:
        """Whether this is about something else that was asked for, as --unlock and --report are."""
        return not self._builds and not str(record.msg).startswith(_ASIDE)

    def _refresh(self) -> None:
        interval = _TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS
        while not self._stopped.wait(interval):
            status = self.board.status()
            if self._terminal:
                self._show_status(status)
            elif status:
                self._print(status)

    def _print(self, text: str, stream: TextIO | None = None) -> None:
        """Print whole lines above the status line."""
        with self._lock_output:
            status = self._status
            self._show_status("")
            print(text, file=stream or self.stream, flush=True)
            self._show_status(status)

    def _show_status(self, status: str) -> None:
        """Replace the status line on a terminal."""
        with self._lock_output:
            if self._terminal and (status or self._status):
                self.stream.write("\r\033[K" + status)
                self.stream.flush()
            self._status = status
