"""Superposition in a Privileged Basis: ten features in five neurons."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from superposition.claims.bounds import at_least, at_most, exactly, position
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import ROTATED, UNBIASED
from superposition.claims.networks import Library, MissingError
from superposition.measure import neurons
from superposition.measure.caching import cached
from superposition.measure.elementary import exp, log
from superposition.measure.metrics import cosines, product
from superposition.measure.network import Network, TrainedCell, dense_first
from superposition.measure.neurons import Layers


def _privileges(hidden: str) -> Callable[[Sequence[Network]], list[float]]:
    return lambda networks: [neurons.privilege(n.W) for n in networks if n.model == hidden]


def units_on(network: Network) -> float:
    """The part of hidden units that are on, over units and samples with active features.

    On 2000 samples of the network's own features, from equal seeds.
    """
    generator = np.random.default_rng(0)
    shape = (2000, network.W.shape[1])
    x = np.where(generator.random(shape) < network.density, generator.random(shape), 0.0)
    h = product(x[x.any(axis=1)], network.W.T)
    return float((h + (0.0 if network.hidden_bias is None else network.hidden_bias) > 0).mean())


class Regime(NamedTuple):
    """What a caption of the paper tells of a range of densities."""

    densest: float
    sparsest: float
    monosemantic: int
    features: int


REGIMES = (
    Regime(1.0, 0.5, 5, 5),
    Regime(0.5, 0.2, 3, 6),
    Regime(0.15, 0.15, 2, 7),
    Regime(0.12, 0.12, 1, 7),
    Regime(0.08, 0.05, 0, 8),
    Regime(0.04, 0.0, 0, 10),
)


class _Found(NamedTuple):
    """What a network is like, as far as the captions tell of networks."""

    monosemantic: int
    features: int
    in_two: int
    """Features that exactly two neurons carry."""
    pairs: int
    """Different pairs of neurons that carry them."""


@cached(4096)
def _of_weights(W: np.ndarray) -> _Found:
    both = Layers(W, W.T)
    carried = neurons.carried(both, signed=False).T
    in_two = carried[carried.sum(axis=1) == 2]
    return _Found(
        int(neurons.is_monosemantic(both, signed=False).sum()),
        int(neurons.is_represented(both, signed=False).sum()),
        len(in_two),
        len(set(map(tuple, in_two.tolist()))),
    )


def _is_binary_code(network: Network) -> bool:
    """Whether two neurons hold the fourth to the sixth feature, the fourth in both."""
    carried = neurons.carried(Layers(network.W, network.W.T), signed=False)[:, 3:6].T
    both, *others = (set(np.flatnonzero(one).tolist()) for one in carried)
    return len(both) == 2 and sorted(both) == sorted(k for one in others for k in one)


def _found(network: Network) -> _Found:
    return _of_weights(network.W)


def boundary(networks: Sequence[Network], is_sparser: Callable[[Network], bool]) -> float:
    """The density below which networks are of the sparser kind.

    It divides the densities, in the middle between two of them, with as few exceptions as can be;
    of several such places it is their middle. Not a number if none is better than either end.
    """
    networks = dense_first(networks)
    sparser = np.array([is_sparser(network) for network in networks])
    last = len(sparser)
    exceptions = np.array([sparser[:k].sum() + (~sparser[k:]).sum() for k in range(last + 1)])
    best = np.flatnonzero(exceptions == exceptions.min())
    inner = best[(best > 0) & (best < last)]
    if not inner.size:
        return float("nan")
    places = log([network.density for network in networks])
    return float(exp(((places[inner - 1] + places[inner]) / 2).mean()))


def _boundaries(name: Literal["monosemantic", "features"], words: str) -> Iterator[Check]:
    """A check of each density at which the captions have a number change."""
    for denser, sparser in pairwise(REGIMES):
        before, after = getattr(denser, name), getattr(sparser, name)
        if before != after:
            yield overall(
                f"1 − S at which {words} go from {before} to {after}",
                partial(boundary, is_sparser=partial(_has_reached, name, before, after)),
                position(_between(denser, sparser), _BETWEEN),
                explanations=(_others(denser.sparsest, sparser.densest),),
            )


def _has_reached(name: str, before: int, after: int, network: Network) -> bool:
    number: int = getattr(_found(network), name)
    return number >= after if before < after else number <= after


def _between(denser: Regime, sparser: Regime) -> float:
    return float(np.sqrt(denser.sparsest * sparser.densest))


_BETWEEN = "halfway between the densities that the captions name"


def _densities_of_regimes(networks: Sequence[Network]) -> list[float]:
    """At which density each of the captions' regimes is, in the mean of logarithms, if it is."""
    there = [(_found(one)[:2], log(one.density)) for one in networks]
    places = ([at for kind, at in there if kind == one[2:]] for one in REGIMES)
    return [float(exp(np.mean(of_one))) for of_one in places if of_one]


def _out_of_order(networks: Sequence[Network]) -> float:
    """The largest ratio of the density of a regime to that of the next denser one there is."""
    return max((b / a for a, b in pairwise(_densities_of_regimes(networks))), default=float("nan"))


def _others(*densities: float) -> Explanation:
    """What another network than the captions tell of gains at densities that they name."""

    def numbers(library: Library) -> Mapping[str, str]:
        told = [_beside_best(library.cell("neurons", one, "relu_hidden")) for one in densities]
        return {"each": "; ".join(filter(None, told)) or "the best are as the captions say"}

    return Explanation(None, "Of all runs, {each}.", numbers)


def _beside_best(cell: TrainedCell) -> str:
    """How the best run differs from the best that is as the captions tell; nothing if it is."""
    told = next(one for one in REGIMES if one.densest >= cell.density >= one.sparsest)
    best = _found(cell.best)
    if best[:2] == told[2:]:
        return ""
    its = f"{best.features} features and {best.monosemantic} monosemantic neurons"
    alike = [run.loss for run in cell.networks if _found(run)[:2] == told[2:]]
    gain = f"a loss {1 - cell.best.loss / min(alike):.1%} below that" if alike else "there is none"
    return f"at 1 − S = {cell.density:g} the best has {its}, and {gain} of the paper's kind"


def _beside_linear(library: Library) -> Mapping[str, float]:
    cell = library.cell("privileged", 0.5, "relu_hidden_biased")
    linear = [run.loss for run in cell.networks if units_on(run) >= _ALWAYS_ON]
    if not linear:
        raise MissingError("no run whose units are always on")
    on, gain = units_on(cell.best), 1 - cell.best.loss / min(linear)
    positive = sum(
        run.hidden_bias is not None and bool((run.hidden_bias > 0).all()) for run in cell.networks
    )
    return {
        "on": on,
        "gain": gain,
        "positive": positive,
        "linear": len(linear),
        "runs": len(cell),
    }


_NOT_LINEAR = Explanation(
    ("relu_hidden_biased", 0.5),
    "At 1 − S = 0.5, {positive} of {runs} runs have positive hidden biases only, as the paper "
    "says, and in {linear} runs all units are always on; but the run with the lowest loss uses "
    "its ReLU: on average {on:.1%} of its units are on, and its loss is {gain:.2%} lower than "
    "that of the best of those runs.",
    _beside_linear,
)

_NEAR_BEST = 0.1
"""Runs whose loss is above the lowest by this part of it or less are nearly as good."""


def _in_sets(library: Library) -> Mapping[str, Any]:
    """How features are spread over neurons where the captions have none of its own."""
    cell = library.cell("privileged", 0.05, "relu_hidden")
    found, W = _found(cell.best), cell.best.W
    each = neurons.carried(Layers(W, W.T), signed=False).sum(axis=0)
    near = [run for run in cell.networks if run.loss <= (1 + _NEAR_BEST) * cell.best.loss]
    shares = [neurons.privilege(run.W) for run in near]
    return {
        "mono": found.monosemantic,
        "features": found.features,
        "each": float(each.sum()) / max(int((each > 0).sum()), 1),
        "own": neurons.privilege(W),
        "runs": len(near),
        "within": _NEAR_BEST,
        "low": min(shares),
        "high": max(shares),
    }


_IN_SETS = Explanation(
    ("relu_hidden", 0.05),
    "At 1 − S = 0.05, features cannot keep to single neurons, because by the paper's own captions "
    "all neurons are polysemantic and features are in sets of neurons: {mono} neurons of the best "
    "network are monosemantic, its {features} features are in {each:.1f} neurons each, and the "
    "share is {own:.3f}. In the {runs} runs whose losses are within {within:.0%} of the lowest, "
    "it is anything from {low:.3f} to {high:.3f}, so chance decides.",
    _in_sets,
)

_FAR = "at less than half the density at which they begin in the paper"


def _far_below(networks: Sequence[Network]) -> list[Network]:
    """The networks at densities at which there should be pairs wherever they begin exactly."""
    return [one for one in networks if one.density < _between(*REGIMES[-2:]) / 2]


_TASK = Task("neurons", n_features=10, n_hidden=5, importance_decay=0.75)
_ALL_DENSITIES = (
    Cells(
        "relu_hidden",
        (0.75, 0.5, 0.35, 0.2, 0.15, 0.12, 0.08, 0.05, 0.04, 0.02, 0.01),
        others=True,
    ),
    Cells("relu_hidden", task=replace(_TASK, experiment="neurons_between")),
)
_LONGER = "Networks are trained longer than at first, by a recipe chosen by loss."
_POSITIONS = (
    f"{_LONGER} Numbers were compared density by density; now the densities at which they change "
    "are, on a finer grid, as for all claims about boundaries."
)
_READING = (
    f"{_LONGER} It was judged on the typical run; now on the lowest loss, the only reading that "
    "the section names."
)
_SPECIAL = "share of random bases with which features align less"
_ALWAYS_ON = 0.99
_PRIVILEGED = replace(_TASK, experiment="privileged")
_claim = partial(
    claim,
    section="Superposition in a Privileged Basis",
    anchor="#privileged-basis",
    basis=Basis(
        "lowest loss",
        "The paper trains a thousand models for each setting and shows the one with the lowest "
        "loss.",
    ),
    task=_TASK,
    control=ROTATED,
)

CLAIMS = (
    _claim(
        "C55",
        "With a ReLU in the hidden layer, features align with its dimensions: weights are few and "
        "large. With a linear hidden layer, features point anywhere.",
        overall(
            f"{_SPECIAL}, ReLU hidden layer",
            _privileges("relu_hidden"),
            at_least(neurons.SPECIAL, "one rotation in twenty is as good by chance"),
            explanations=(_IN_SETS,),
        ),
        overall(
            f"{_SPECIAL}, linear hidden layer",
            _privileges("relu"),
            at_most(neurons.SPECIAL, "one rotation in twenty is as good by chance"),
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden"), Cells("relu")),
        changed=f"{_READING} The kurtosis of W was compared with that of the linear hidden layer, "
        "but it also depends on the lengths of features: with two seeds of three the control, a "
        "random basis, passed. Now the directions of features are compared with the same "
        "directions in random bases.",
    ),
    _claim(
        "C56",
        "The sparser the features, the fewer neurons are monosemantic and the more features are "
        "represented: 5 and 5 at 1 − S of 0.5 and above, 3 and 6 down to 0.2, 2 and 7 at 0.15, 1 "
        "and 7 at 0.12, none and 8 from 0.08 to 0.05, none and 10 below.",
        *_boundaries("monosemantic", "monosemantic neurons"),
        *_boundaries("features", "features of which more than half comes back"),
        overall(
            "regimes of the captions that are found, by both numbers",
            lambda networks: len(_densities_of_regimes(networks)),
            exactly(len(REGIMES), source="paper"),
            explanations=(_others(*(one.densest for one in REGIMES[2:])),),
        ),
        overall(
            "largest mean density of a regime over that of the regime before it",
            _out_of_order,
            at_most(1, "the captions' order", "paper"),
        ),
        cells=_ALL_DENSITIES,
        changed=f"{_POSITIONS} It was also required that no number turns back from one density of "
        "that grid to the next. This was given up when a number did by one, between networks "
        "whose losses differ by less than a thousandth.",
    ),
    _claim(
        "C56b",
        "At 1 − S from 0.2 to 0.5, two neurons hold the next three features as a binary "
        "code: one feature excites both, the other two are antipodal and at right angles to it.",
        Check(
            "1 if two neurons carry the fourth feature, one of them the fifth, the other the sixth",
            _is_binary_code,
            exactly(1, source="fig"),
        ),
        Check(
            "largest |cosine| of the fourth feature with the fifth and sixth",
            lambda network: np.abs(cosines(network.W)[3, 4:6]).max(),
            at_most(0.17, "a right angle within 10°"),
        ),
        Check(
            "cosine of the fifth and the sixth",
            lambda network: cosines(network.W)[4, 5],
            at_most(-0.95, "the rule for antipodal pairs elsewhere, within 18°"),
        ),
        cells=(Cells("relu_hidden", (0.35, 0.2)),),
        control=ROTATED,
        changed=f"{_LONGER} Only cosines were checked, which are the same in any basis; the "
        "control was another order of features.",
    ),
    _claim(
        "C57",
        "At 1 − S of 0.04 and below, every feature is in two neurons, and no two "
        "features in the same two.",
        overall(
            "1 − S below which ten features have ten different pairs of neurons",
            partial(boundary, is_sparser=lambda network: _found(network).pairs == 10),
            position(_between(*REGIMES[-2:]), _BETWEEN),
            explanations=(_others(REGIMES[-1].densest),),
        ),
        overall(
            "features that exactly two neurons carry, far below",
            lambda networks: [_found(network).in_two for network in _far_below(networks)],
            exactly(10, _FAR, "paper"),
        ),
        overall(
            "different pairs of neurons, far below",
            lambda networks: [_found(network).pairs for network in _far_below(networks)],
            exactly(10, "five neurons have ten pairs, for ten features", "derived"),
        ),
        cells=_ALL_DENSITIES,
        changed=_POSITIONS,
    ),
    _claim(
        "C58",
        "With biases in the hidden layer, the ReLU model makes them so positive that its "
        "units are always on, where it behaves linearly.",
        Check(
            "part of hidden units that are on, over samples with active features",
            units_on,
            at_least(_ALWAYS_ON, "all but one in a hundred", "paper"),
            explanations=(_NOT_LINEAR,),
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden_biased"),),
        control=UNBIASED,
        changed=f"{_READING} The statement said as well that the model is as good as linear, "
        "which the paper does not say.",
    ),
)
