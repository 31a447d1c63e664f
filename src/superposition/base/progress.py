"""How far a job is: one line that follows it, in a log a few lines."""

import sys
import time
from collections.abc import Callable
from html import escape
from importlib import import_module
from typing import Any, TextIO

from superposition.base.build_token import check_build

_TERMINAL_SECONDS, _LOG_SECONDS = 0.2, 1.0


class Progress:
    """Called with what is done and what there is to do; prints now and then.

    Snakemake's display reads the last percentage from the log, so a line always holds one.
    """

    def __init__(
        self,
        label: str,
        stream: TextIO = sys.stderr,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin now; `label` says what is done, `clock` gives seconds."""
        self._label, self._stream, self._clock = label, stream, clock
        self._began = self._last = clock()
        self._interval = _TERMINAL_SECONDS if stream.isatty() else _LOG_SECONDS
        self._part = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Print if it is time to; stop a job whose build was killed, as it computes for nothing."""
        now = self._clock()
        if now - self._last < self._interval and done < total:
            return
        self._last = now
        self._part = done / max(total, 1)
        check_build()
        elapsed = now - self._began
        left = f", {elapsed * (total / done - 1):.0f} s to go" if 0 < done < total else ""
        self._write(f"{self._label}: {100 * done // max(total, 1)} % after {elapsed:.1f} s{left}")

    def finish(self, text: str) -> None:
        """Print a last line."""
        self._write(f"{text} after {self._clock() - self._began:.1f} s", last=True)

    def _write(self, line: str, last: bool = False) -> None:
        start, end = ("\r\033[K", "\n" if last else "") if self._stream.isatty() else ("", "\n")
        print(start + line, end=end, file=self._stream, flush=True)


class NotebookProgress(Progress):
    """The same below a notebook's cell: one bar that is brought up to date."""

    def __init__(self, label: str, display: Callable[..., Any]) -> None:
        """Begin now; `display` is IPython's."""
        super().__init__(label)
        self._interval = _TERMINAL_SECONDS
        self._line = ""
        self._shown = display(self, display_id=True)

    def _write(self, line: str, last: bool = False) -> None:
        self._line = line
        self._shown.update(self)

    def _repr_html_(self) -> str:
        return f'<progress value="{self._part:.3f}"></progress> {escape(self._line)}'

    def __repr__(self) -> str:
        """The line, for readers of notebooks without HTML."""
        return self._line


def for_people(label: str) -> Progress:
    """The progress to show where this runs: in a notebook, a terminal or a log."""
    ipython = sys.modules.get("IPython")  # loaded, if a notebook runs this
    shell = ipython.get_ipython() if ipython else None
    if hasattr(shell, "kernel"):
        return NotebookProgress(label, import_module("IPython.display").display)
    return Progress(label, sys.stderr)
