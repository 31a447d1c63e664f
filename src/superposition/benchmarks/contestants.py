"""The programs whose speed is compared, and which of them can run here."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from superposition.benchmarks import jax_loop, loops
from superposition.benchmarks.cases import BATCH, Case
from superposition.benchmarks.timing import Work
from superposition.cuda.device import gpus
from superposition.training import train

_ARRAYS = 12
"""Arrays of models × batch × features that plain torch, or JAX, has at a time, at most."""


class Contestant(NamedTuple):
    """A program that trains."""

    label: str
    """What the page calls it."""
    prepare: Callable[[Case, int], Work]
    """Makes it ready to train so many models."""
    models: int = 1
    """How many it trains at once where all sizes are measured."""
    gathers: bool = False
    """Whether it takes on many models at once."""
    memory: Callable[[], int] | None = None
    """Bytes it may use, if that limits how many models it takes on."""

    def fits(self, case: Case, models: int) -> bool:
        """Return whether so many models fit into half of the memory."""
        wanted = 4 * _ARRAYS * models * BATCH * case.n
        return self.memory is None or 2 * wanted <= self.memory()


def contestants(threads: int) -> tuple[dict[str, Contestant], dict[str, str]]:
    """Return the contestants that can run here, by name and in order, and why others cannot."""
    here = {
        "notebook": Contestant(
            "notebook's loop, torch",
            partial(loops.notebook, device="cpu", threads=threads),
            gathers=True,
            memory=_free_memory,
        ),
        "reference": Contestant("torch reference", partial(_engine, engine="torch", threads=1)),
        "fused_one": Contestant("fused, 1 thread", partial(_engine, engine="fused", threads=1)),
        "fused_all": Contestant(
            f"fused, {threads} threads",
            partial(_engine, engine="fused", threads=threads),
            models=2 * threads,
            gathers=True,
        ),
        "products": Contestant(f"five products, {loops.library()}", loops.bare_products),
        "products_rows": Contestant(
            "the same, notebook's layout", partial(loops.bare_products, rows=True)
        ),
    }
    absent: dict[str, str] = {}
    if jax_loop.installed():
        here["jax"] = Contestant(
            f"JAX, {jax_loop.platform()}", jax_loop.train, gathers=True, memory=_free_memory
        )
    else:
        absent["JAX"] = "not installed"
    if loops.device_name():
        here["notebook_cuda"] = Contestant(
            "notebook's loop, CUDA",
            partial(loops.notebook, device="cuda", threads=threads),
            models=100,
            gathers=True,
            memory=loops.device_memory,
        )
    else:
        absent["torch on CUDA"] = "torch finds no graphics processor"
    if gpus():
        here["cuda"] = Contestant(
            "CUDA engine", partial(_engine, engine="cuda", threads=1), models=256, gathers=True
        )
    else:
        absent["the CUDA engine"] = "no GPU, or `make cuda` was not run"
    return here, absent


def _engine(case: Case, models: int, engine: str, threads: int) -> Work:
    """Return one of this package's own engines, as the workflow calls it."""
    train_with: Any = train

    def run(steps: int) -> None:
        train_with(case.cell(steps), range(models), threads, engine)

    return Work(run, models, starts="before" if engine == "cuda" else "beside")


def _free_memory() -> int:
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
