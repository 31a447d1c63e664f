"""Claims about features found again by sparse autoencoders, on dictionaries built by hand."""

from dataclasses import replace

import ideal_enumeration as ideal
import numpy as np
import pytest

from superposition.claims import Outcome, enumeration, judge
from superposition.claims import enumeration_statistics as of
from superposition.claims.library import Library
from superposition.claims.records import BEST

SPARSE = [f"enumerated/relu_p{density:g}" for density in (0.03, 0.01)]
IN_SETS = "enumerated_sets/relu_p0.01"


@pytest.fixture(scope="module")
def built():
    return ideal.enumerated()


def the(claim):
    return next(one for one in enumeration.CLAIMS if one.id == claim)


def verdict(weights, dictionaries, claim):
    return judge(weights, [the(claim)], dictionaries)[0]


def changed(built, keys, latents, **given):
    """Return everything, with other latents in some dictionaries."""
    weights, found = built
    return weights, found | {
        key: ideal.dictionaries(weights[key], latents, **given) for key in keys
    }


@pytest.mark.parametrize("claim", [claim.id for claim in enumeration.CLAIMS])
def test_claim_holds_on_what_it_describes_and_fails_on_its_control(built, claim):
    found = verdict(*built, claim)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert not found.control_fits
    assert (found.runs, found.runs_held) == (1, 1)


def test_features_that_are_not_found_contradict_the_first_at_any_density(built):
    for name in ("0.1", "0.03"):
        lost = changed(built, [f"enumerated/relu_p{name}"], ideal.of_nothing)
        found = verdict(*lost, "E1")
        assert found.reason.endswith(f"outside for relu at 1 − S = {name}")
        assert "how long dictionaries are trained" in found.checks[0].findings[0]


def test_other_densities_need_not_be_there(built):
    weights, found = built
    few = {key: one for key, one in weights.items() if "p0.1" not in key}
    assert all(verdict(few, found, f"E{k}").outcome == Outcome.REPLICATES for k in range(1, 5))


def test_features_found_without_a_price_contradict_the_second(built):
    weights, found = built
    free = {
        key: replace(
            one,
            trained=[
                replace(each, decoder=ideal.of_features(each.size).astype(np.float32))
                for each in one.trained
            ],
        )
        for key, one in found.items()
    }
    assert "smallest penalty: outside" in verdict(weights, free, "E2").reason


@pytest.mark.parametrize("live", [50, 200])
def test_live_latents_that_miscount_the_features_contradict_the_third(built, live):
    miscounted = changed(built, SPARSE, ideal.of_features, live=live)
    assert "live latents" in verdict(*miscounted, "E3").reason


def test_a_larger_dictionary_that_finds_less_contradicts_the_third(built):
    def large_are_lost(size):
        return ideal.of_features(size) if size == 100 else ideal.of_nothing(size)

    assert "smallest step" in verdict(*changed(built, SPARSE, large_are_lost), "E3").reason


def test_features_found_within_sets_contradict_the_fourth(built):
    found = verdict(*changed(built, [IN_SETS], ideal.of_features), "E4")
    assert found.outcome == Outcome.DEVIATES
    assert found.checks[0].measured == (0.0, 1.0)
    assert found.checks[1].measured == (1.0, 0.0)


def test_of_several_runs_the_one_with_dictionaries_is_judged():
    weights, found = ideal.enumerated(runs=3)
    assert all(verdict(weights, found, f"E{k}").outcome == Outcome.REPLICATES for k in range(1, 5))
    repetitions = Library(weights, found).repetitions(the("E1"))
    assert list(repetitions) == [BEST]


def test_weights_without_dictionaries_or_with_those_of_others_are_not_evidence(built):
    weights, found = built
    assert verdict(weights, {}, "E1").reason == "no dictionaries of enumerated at 1 − S = 0.1"
    assert judge(weights, [the("E4")])[0].outcome == Outcome.NOT_TESTED
    other = {key: replace(one, W=one.W + np.float32(0.1)) for key, one in found.items()}
    assert "of other weights" in verdict(weights, other, "E1").reason


def test_hardly_trained_dictionaries_are_not_evidence(built):
    weights, found = built
    brief = {
        key: replace(one, settings=one.settings.model_copy(update={"steps": 100}))
        for key, one in found.items()
    }
    assert "too little training" in verdict(weights, brief, "E1").reason


def test_nothing_to_find_is_outside_every_bound(built):
    weights, found = built
    network = Library(weights, found).repetitions(the("E1"))[BEST][2]
    nothing = replace(network, W=network.W * 0.1)
    for measure in (of.most_found, of.found_at_least_penalty, of.live_per_feature):
        assert np.isnan(measure(nothing))
