"""The functions of `kernels`, as numba-cuda compiles them: the same code with other vectors.

A copy of a function differs from it in what its names stand for. Where `cuda` has a function of the
same name in the module of the same name (`lanes`, `shuffles`, `workers`, `drawing`), that is put in
its place; every other function of ours that it calls is copied likewise.
"""

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from numba import cuda
from numba.core import config
from numba.core.dispatcher import Dispatcher

from superposition.cuda import drawing, entries, lanes, shuffles, workers
from superposition.kernels import drawing as kernels_drawing
from superposition.kernels import entries as kernels_entries
from superposition.kernels import lanes as kernels_lanes
from superposition.kernels import shuffles as kernels_shuffles
from superposition.kernels import workers as kernels_workers

_MODULES = (
    (kernels_drawing, drawing),
    (kernels_entries, entries),
    (kernels_lanes, lanes),
    (kernels_shuffles, shuffles),
    (kernels_workers, workers),
)


def _counterparts() -> Iterator[tuple[int, FunctionType]]:
    """Yield, by its identity, what stands for something that kernels call by the same name."""
    for ours, theirs in _MODULES:
        for name, value in vars(theirs).items():
            if isinstance(value, FunctionType) and hasattr(ours, name):
                yield id(getattr(ours, name)), value


class Retarget:
    """Copies of functions, each made once."""

    def __init__(self) -> None:
        """Start without any."""
        self._instead = dict(_counterparts())
        self._made: dict[FunctionType, Any] = {}

    def __call__(self, function: Callable[..., Any]) -> FunctionType:
        """Return a copy of a function whose names stand for what they do on a GPU."""
        assert isinstance(function, FunctionType)
        ours = function.__globals__
        used = _names(function.__code__) & ours.keys()
        names = {name: self._device(ours[name]) for name in used}
        names["__builtins__"] = ours["__builtins__"]
        # numba asks for a module to find the source in, for messages.
        names["__name__"] = function.__module__
        return FunctionType(function.__code__, names, function.__name__, function.__defaults__)

    def _device(self, value: Any) -> Any:
        """Return what a global name stands for on a GPU."""
        value = self._instead.get(id(value), value)
        if isinstance(value, Dispatcher):
            value = value.py_func
        if not isinstance(value, FunctionType) or not value.__module__.startswith(_OURS):
            return value
        if value.__module__ == "superposition.cuda.simulated":
            return value  # is Python already
        if value not in self._made:
            copy = self(value)
            # The simulator puts its own `cuda` in the place of numba's, in functions it knows of.
            simulated = config.ENABLE_CUDASIM and cuda not in copy.__globals__.values()
            self._made[value] = copy if simulated else cuda.jit(device=True)(copy)
        return self._made[value]


_OURS = tuple(f"superposition.{package}." for package in ("kernels", "cuda"))


def _names(code: CodeType) -> set[str]:
    """Return the names that code uses, that of functions within it included."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)
