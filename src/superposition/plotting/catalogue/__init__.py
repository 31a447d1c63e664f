"""All figures as data, a module for each part of the paper, in its order."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from superposition.plotting.catalogue import (
    appendix,
    computation,
    demonstration,
    dynamics,
    geometry,
    mathematics,
    neurons,
    nonuniform,
    phase,
    robustness,
    strategy,
)
from superposition.plotting.catalogue.record import Figure

FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        **demonstration.FIGURES,
        **mathematics.FIGURES,
        **phase.FIGURES,
        **geometry.FIGURES,
        **nonuniform.FIGURES,
        **dynamics.FIGURES,
        **robustness.FIGURES,
        **neurons.FIGURES,
        **computation.FIGURES,
        **strategy.FIGURES,
        **appendix.FIGURES,
    }
)
