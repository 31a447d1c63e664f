"""The functions of `kernels`, as numba-cuda compiles them: the same code with other vectors.

A copy of a function differs from it in what its names stand for. Where there is a function of the
same name here, in `lanes`, `sampling` or `workers`, that is put in its place; every other function
of ours that it calls is copied likewise.
"""

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from numba import cuda
from numba.core.dispatcher import Dispatcher

from superposition.kernels import blocks, shuffles
from superposition.kernels import lanes as kernels_lanes
from superposition.kernels import sampling as kernels_sampling
from superposition.kernels import workers as kernels_workers
from superposition.training.cuda import lanes, sampling, workers

_REPLACED = (blocks, kernels_lanes, kernels_sampling, kernels_workers, shuffles)
_OURS = tuple(f"superposition.{package}." for package in ("kernels", "training.cuda"))


class Retarget:
    """Copies of functions, each made once."""

    def __init__(self) -> None:
        """Pair what kernels call with the functions of the same names here."""
        theirs = [*vars(lanes).items(), *vars(sampling).items(), *vars(workers).items()]
        functions = {name: value for name, value in theirs if isinstance(value, FunctionType)}
        self._instead = {
            id(value): functions[name]
            for ours in _REPLACED
            for name, value in vars(ours).items()
            if name in functions
        }
        self._made: dict[FunctionType, Any] = {}

    def __call__(self, function: Callable[..., Any]) -> FunctionType:
        """A copy of a function whose names stand for what they do on a GPU."""
        assert isinstance(function, FunctionType)
        ours = function.__globals__
        used = _names(function.__code__) & ours.keys()
        names = {name: self._device(ours[name]) for name in used}
        names["__builtins__"] = ours["__builtins__"]
        # numba asks for a module to find the source in, for messages.
        names["__name__"] = function.__module__
        return FunctionType(function.__code__, names, function.__name__, function.__defaults__)

    def _device(self, value: Any) -> Any:
        """What a global name stands for on a GPU."""
        value = self._instead.get(id(value), value)
        if isinstance(value, Dispatcher):
            value = value.py_func
        if not isinstance(value, FunctionType) or not value.__module__.startswith(_OURS):
            return value
        if value not in self._made:
            self._made[value] = self.compiled(self(value))
        return self._made[value]

    def compiled(self, function: FunctionType) -> Any:
        """A copy as other copies call it."""
        return cuda.jit(device=True)(function)


def _names(code: CodeType) -> set[str]:
    """The names that code uses, that of functions within it included."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)
