"""Jobs side by side on threads, with one display of how far they are."""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from functools import partial
from threading import Event, Lock
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from superposition.base.arguments import expect
from superposition.base.progress import for_people
from superposition.training import Progress

_T = TypeVar("_T")

Shown: TypeAlias = bool | Progress | Any
"""Whether and where progress is shown: see `train`. tqdm has no type that could stand here."""


class Job(NamedTuple, Generic[_T]):
    """What is computed on one thread."""

    cell: str
    """The cell it is of."""
    runs: int
    """How many of its runs."""
    steps: int
    """How many steps that takes."""
    do: Callable[[Progress], _T]
    """The computation, which reports its steps."""


def check_progress(progress: Shown) -> None:
    """Make sure that progress can be shown in this way."""
    is_so = progress is None or isinstance(progress, bool) or callable(progress)
    expected = "True, False, what to call, or tqdm"
    expect("progress", progress, is_so or _is_bar(progress), expected)


def side_by_side(
    jobs: Sequence[Job[_T]], threads: int, doing: str, progress: Shown
) -> list[tuple[Job[_T], _T]]:
    """The results of jobs as they are finished: of all, or of those before an interruption.

    Raises:
        KeyboardInterrupt: If interrupted before any was finished.
    """
    runs, steps = sum(job.runs for job in jobs), sum(job.steps for job in jobs)
    display = _display(progress, f"{doing} {runs} runs", steps)
    counter = _Counter(steps, display)
    found, interrupted = [], False
    with ThreadPoolExecutor(threads) as pool:
        tasks = {
            pool.submit(job.do, partial(counter.count, place)): job
            for place, job in enumerate(jobs)
        }
        try:
            for task in as_completed(tasks):
                found.append((tasks[task], task.result()))
        except KeyboardInterrupt:
            interrupted = True
        finally:
            counter.stop(pool)
    if hasattr(display, "finish"):
        done = sum(job.runs for job, _ in found)
        display.finish(f"{'interrupted, ' if interrupted else ''}{done} of {runs} runs trained")
    if interrupted and not found:
        raise KeyboardInterrupt
    return found


def _display(progress: Shown, label: str, steps: int) -> Any:
    """What is told of the steps done: called with them, and finished if it can be."""
    if _is_bar(progress):
        return _Bar(progress, label, steps)
    return for_people(label) if progress is True else progress or None


def _is_bar(progress: Any) -> bool:
    """Whether it is a bar of tqdm's, or of what is like it, or makes them."""
    is_one = hasattr(progress, "n") or isinstance(progress, type)
    return is_one and hasattr(progress, "update")


class _Bar:
    """A bar of tqdm's, or of what is like it, as progress is told here."""

    def __init__(self, bar: Any, label: str, steps: int) -> None:
        """Begin one, if this is `tqdm` itself; or take a bar that is there."""
        self._is_ours = isinstance(bar, type)
        shown = {"total": steps, "desc": label, "unit": " steps", "unit_scale": True}
        self._bar = bar(**shown) if self._is_ours else bar
        self._bar.total = steps

    def __call__(self, done: int, _: int) -> None:
        """Go on to the steps done."""
        self._bar.update(done - self._bar.n)

    def finish(self, _: str) -> None:
        """Leave it as it is, if it was begun here."""
        if self._is_ours:
            self._bar.close()


class _Counter:
    """Adds up the steps of jobs that run side by side, and stops them."""

    def __init__(self, total: int, report: Progress | None) -> None:
        self._total, self._report = total, report
        self._done: dict[object, int] = {}
        self._stopped, self._lock = Event(), Lock()

    def count(self, job: object, done: int, _: int) -> None:
        if self._stopped.is_set():
            raise CancelledError
        with self._lock:
            self._done[job] = done
            if self._report:
                self._report(sum(self._done.values()), self._total)

    def stop(self, pool: ThreadPoolExecutor) -> None:
        """Let no job begin, and those that have begun stop at their next look."""
        self._stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
