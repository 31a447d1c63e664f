"""The claims of each section, in the order of the paper: to add a section is to add a module."""

import re
from importlib import import_module
from pkgutil import iter_modules

from superposition.claims.claim import Claim

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]


def _place(claim: Claim) -> tuple[str, int, str]:
    """Its place by number: C19 and C19b before C20, ours last."""
    return claim.id[0], int(re.sub(r"\D", "", claim.id)), claim.id


_FOUND: list[Claim] = sorted((c for module in _MODULES for c in module.CLAIMS), key=_place)
_TITLES = [claim.section for claim in _FOUND]

CLAIMS: tuple[Claim, ...] = tuple(sorted(_FOUND, key=lambda claim: _TITLES.index(claim.section)))
"""Those of a section together, the sections in the order of their first claims."""
