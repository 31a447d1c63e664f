"""Claims of Demonstrating Superposition on larger models: 80 and 100 features in 20 dimensions."""

from collections.abc import Callable

import numpy as np

from superposition.claims import statistics as of
from superposition.claims.controls import LINEAR, LINEAR_OPTIMUM
from superposition.claims.findings import ONE_SHORT
from superposition.claims.records import (
    Basis,
    Cells,
    Check,
    Claim,
    Network,
    Reading,
    Repetition,
    Task,
    Values,
)
from superposition.geometry.dimensions import PLATEAU_WIDTH, on_plateau
from superposition.metrics import REPRESENTED, dimensions_per_feature

_SECTION = "Demonstrating Superposition"
_ANCHOR = "#demonstrating"
_ENDS = (1.0, 0.001)
"""The densest and the sparsest features of the paper's figure."""
_SINGLE_MODELS = Basis(
    Reading.TYPICAL,
    "The paper's figure shows one model per density and says nothing of how it was chosen, so it "
    "shows what training typically gives.",
)
_ONE_MODEL = Basis(
    Reading.TYPICAL,
    "The notebook trains one model at each density and does not choose among several.",
)
_COUNT = f"features with ‖W_i‖ > {REPRESENTED:g}"


def _first(values: Values) -> Values:
    return values[:1]


def _last(values: Values) -> Values:
    return values[-1:]


def _steps(values: Values) -> Values:
    """Return the step to each value from the one before, 0 for the first."""
    return tuple(float(step) for step in np.diff(values, prepend=values[:1]))


def _half(measure: Callable[[Network], float], second: bool) -> Callable[[Repetition], Values]:
    """Return a measure of the first or the second half of a repetition, network by network."""

    def of_half(networks: Repetition) -> Values:
        middle = len(networks) // 2
        chosen = networks[middle:] if second else networks[:middle]
        return tuple(measure(network) for network in chosen)

    return of_half


def _d_star(network: Network) -> float:
    return float(dimensions_per_feature(network.W))


def _on_half(values: Values) -> Values:
    """Return how many values are on the plateau at 1/2."""
    return (float(on_plateau(np.array(values)).sum()),)


CLAIMS = (
    Claim(
        id="C11",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="With 80 features in 20 dimensions the same happens: the linear model represents "
        "20 at any density; the ReLU model 20 if dense, and the sparser the more, up to two to "
        "three times its dimensions.",
        basis=_SINGLE_MODELS,
        task=Task("many_features", n_features=80, n_hidden=20, importance_decay=0.9),
        cells=(Cells("linear", _ENDS, others=True), Cells("relu", _ENDS, others=True)),
        checks=(
            Check(
                f"linear: {_COUNT}",
                _half(of.count_represented, False),
                20,
                20,
                "paper",
                together=True,
            ),
            Check(
                f"ReLU, dense: {_COUNT}",
                _half(of.count_represented, True),
                20,
                20,
                "fig",
                across=_first,
                together=True,
            ),
            Check(
                "smallest step to a sparser model",
                _half(of.count_represented, True),
                0,
                source="fig",
                across=lambda v: (min(_steps(v)),),
                together=True,
            ),
            Check(
                f"ReLU, sparsest: {_COUNT}",
                _half(of.count_represented, True),
                45,
                60,
                "fig",
                across=_last,
                together=True,
            ),
        ),
        control=LINEAR,
    ),
    Claim(
        id="C12",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="In the published notebook's experiment, 100 features in 20 dimensions, 20 are "
        "represented if dense, and the sparser the more; D* = m/‖W‖² falls from 1 through a "
        "plateau near ½.",
        basis=_ONE_MODEL,
        task=Task("notebook", n_features=100, n_hidden=20, importance_decay=0.01 ** (1 / 99)),
        cells=(Cells("relu"),),
        checks=(
            Check(f"dense: {_COUNT}", of.count_represented, 20, 20, "nb", across=_first),
            Check(
                f"{_COUNT}: step from the next denser model",
                of.count_represented,
                0,
                source="nb",
                across=_steps,
                findings=ONE_SHORT,
            ),
            Check(
                f"sparsest: {_COUNT}",
                of.count_represented,
                45,
                60,
                "nb",
                reason="about two and a half times the dimensions",
                across=_last,
            ),
            Check("dense: D*", _d_star, 0.98, 1.02, "nb", across=_first),
            Check(
                f"densities with D* within {PLATEAU_WIDTH:g} of ½",
                _d_star,
                3,
                reason="without a plateau D* would fall from 1 to about ⅓ by 0.035 from one "
                "density to the next, and fewer than two would be that close",
                across=_on_half,
            ),
        ),
        control=LINEAR_OPTIMUM,
    ),
)
