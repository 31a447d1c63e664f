"""Solutions built by hand, to be compared with trained networks."""

from typing import Any

import numpy as np

from superposition.api.settings import experiment
from superposition.base.arguments import expect, whole
from superposition.config.messages import ConfigError
from superposition.measure.network import Network
from superposition.measure.structures import TWO_NEURONS
from superposition.measure.structures.build import construct, size


def constructed(
    structure: str,
    density: float,
    *,
    n_features: int | None = None,
    n_hidden: int | None = None,
    importance: Any = 1,
    correlated: Any = (),
    anticorrelated: Any = (),
) -> Network:
    """A solution built by hand, at its best: what a trained network is to be compared with.

    Args:
        structure: What it is made of, such as `pentagon` (docs/library.md has the names).
        density: 1 − S.
        n_features: n; if it is not given, that of one copy of the structure. As many copies are
            made as fit; dimensions left over hold a feature each.
        n_hidden: m; likewise.
        importance: I_i, as an experiment in config.yaml has it.
        correlated: Sets of features that are active together, likewise.
        anticorrelated: Sets of features of which one is active, likewise.

    Returns:
        A network whose `loss` is the expected one, a mean over features.

    Raises:
        UserError: If there is no such structure, or if it does not fit n and m.
        ConfigError: If an argument is not what is expected.

    Example:
        >>> import superposition as sp
        >>> pentagon = sp.constructed("pentagon", density=0.05)
        >>> sp.feature_dimensionality(pentagon.W).round(2)
        array([0.4, 0.4, 0.4, 0.4, 0.4])
    """
    expect("structure", structure, isinstance(structure, str), "the name of a structure")
    n_features, n_hidden = whole("n_features", n_features), whole("n_hidden", n_hidden)
    d, k = size(structure, n_hidden)
    neurons = structure == TWO_NEURONS
    try:
        config = experiment(
            models=["absolute" if neurons else "relu"],
            n_features=n_features or k,
            n_hidden=n_hidden or d,
            importance=importance,
            feature_probability=[density],
            value_range="signed" if neurons else "unit",
            correlated=correlated,
            anticorrelated=anticorrelated,
            runs=1,
        )
    except ConfigError as error:
        told = str(error).replace("experiment: ", f"{structure}: ")
        raise ConfigError(told.replace("feature_probability[0]", "density")) from None
    (cell,) = config.cells().values()
    model = cell.model
    return construct(structure, cell.features, model.n_hidden, np.array(model.importance))
