"""The claims of each section, in the order of the paper: to add a section is to add a module."""

import re
from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules

from superposition.claims.claim import Claim

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

_FOUND: list[Claim] = sorted(
    (claim for module in _MODULES for claim in module.CLAIMS),
    key=lambda claim: (claim.id[0], int(re.sub(r"\D", "", claim.id)), claim.id),
)
"""By number: C19 and C19b before C20, then E, then F."""
_TITLES = [claim.section for claim in _FOUND]

CLAIMS: tuple[Claim, ...] = tuple(sorted(_FOUND, key=lambda claim: _TITLES.index(claim.section)))
"""Those of a section together, the sections in the order of their first claims."""


def about(experiments: Collection[str]) -> tuple[Claim, ...]:
    """The claims about networks of these experiments alone, and those of mathematics."""
    return tuple(claim for claim in CLAIMS if claim.experiments <= set(experiments))
