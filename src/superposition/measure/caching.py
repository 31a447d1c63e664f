"""Measures that are kept, for claims and figures ask for those of the same networks again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

_P = ParamSpec("_P")
_T = TypeVar("_T")


def cached(size: int) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """A decorator: a function of arrays (and of what can be hashed) keeps its last results.

    Arrays are compared by their bytes, so that it does not matter who holds them. Whoever is given
    a result must not change it.
    """

    def decorate(measure: Callable[_P, _T]) -> Callable[_P, _T]:
        kept: dict[Any, _T] = {}

        @wraps(measure)
        def of(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            key = (*map(_key, args), *((name, _key(value)) for name, value in kwargs.items()))
            if key not in kept:
                if len(kept) == size:
                    del kept[next(iter(kept))]
                kept[key] = measure(*args, **kwargs)
            return kept[key]

        return of

    return decorate


def _key(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return value
