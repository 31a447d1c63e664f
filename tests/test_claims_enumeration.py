"""Claims about features found again by sparse autoencoders, on dictionaries built by hand."""

from dataclasses import replace

import ideal_enumeration as ideal
import numpy as np
import pytest
from judged import best, verdict

from superposition.claims.claim import Outcome
from superposition.claims.sections import strategy

SPARSE = [f"enumerated/relu_p{density:g}" for density in (0.03, 0.01)]
IN_SETS = "enumerated_sets/relu_p0.01"


WEIGHTS, FOUND = ideal.enumerated()


def changed(keys, latents, **given):
    """Return the dictionaries, some of them with other latents."""
    return FOUND | {key: ideal.dictionaries(WEIGHTS[key], latents, **given) for key in keys}


@pytest.mark.parametrize("name", ["0.1", "0.03"])
def test_features_that_are_not_found_contradict_the_first_at_any_density(name):
    lost = changed([f"enumerated/relu_p{name}"], ideal.of_nothing)
    found = verdict(WEIGHTS, "E1", lost)
    assert found.reason.endswith(f"outside for relu at 1 − S = {name}")


def test_other_densities_need_not_be_there():
    few = {key: one for key, one in WEIGHTS.items() if "p0.1" not in key}
    assert all(verdict(few, f"E{k}", FOUND).outcome == Outcome.REPLICATES for k in range(1, 5))


def test_features_found_without_a_price_contradict_the_second():
    def free(one):
        return replace(one, decoder=ideal.of_features(one.size).astype(np.float32))

    cheap = {
        key: [replace(one, trained=[*map(free, one.trained)]) for one in its]
        for key, its in FOUND.items()
    }
    assert "smallest penalty: outside" in verdict(WEIGHTS, "E2", cheap).reason


def large_are_lost(size):
    return ideal.of_features(size) if size == 100 else ideal.of_nothing(size)


@pytest.mark.parametrize(
    ("latents", "live", "reason"),
    [
        (ideal.of_features, 50, "live latents"),
        (ideal.of_features, 200, "live latents"),
        (large_are_lost, 120, "smallest step"),
    ],
)
def test_sizes_that_tell_nothing_of_the_features_contradict_the_third(latents, live, reason):
    found = verdict(WEIGHTS, "E3", changed(SPARSE, latents, live=live))
    assert reason in found.reason


def test_features_found_within_sets_contradict_the_fourth():
    found = verdict(WEIGHTS, "E4", changed([IN_SETS], ideal.of_features))
    assert [check.measured for check in found.checks] == [(0.0, 1.0), (1.0, 0.0)]
    assert found.outcome == Outcome.DEVIATES


def turned(kind, latents):
    """Return how dictionaries of all kinds are built of which one has other latents."""

    def build(weights):
        both = [ideal.of_kinds(weights, one) for one in (ideal.of_features, latents)]
        return [
            replace(good, trained=[b if b.kind == kind else a for a, b in pairs])
            for good, bad in zip(*both, strict=True)
            for pairs in [list(zip(good.trained, bad.trained, strict=True))]
        ]

    return build


@pytest.mark.parametrize(
    ("claim", "build", "reason"),
    [
        ("F21", turned("topk", ideal.of_nothing), "the kind that finds least"),
        ("F22", lambda w: ideal.of_kinds(w, ideal.of_features, unexplained=(0.1, 0.1, 0.1)),
         "what the largest ReLU autoencoder leaves unexplained"),
        ("F23", turned("jumprelu", ideal.of_features), "part of the features found"),
        ("F23", turned("topk", ideal.of_nothing), "part of the sets found"),
        ("F24", lambda w: ideal.of_kinds(w, ideal.of_features, live=(100, 100, 100)), "ReLU"),
        ("F24", lambda w: ideal.of_kinds(w, ideal.of_features, live=(150, 120, 100)), "TopK"),
        ("F25", turned("topk", large_are_lost), "finds least"),
    ],
)  # fmt: skip
def test_autoencoders_of_which_it_does_not_hold_contradict_a_claim(claim, build, reason):
    sets = "_sets" * (claim == "F23")
    keys = [f"autoencoders{sets}/relu_p{density:g}" for density in (0.03, 0.01)]
    found = verdict(WEIGHTS, claim, FOUND | {key: build(WEIGHTS[key]) for key in keys})
    assert found.outcome in (Outcome.DEVIATES, Outcome.IN_PART)
    assert reason in found.reason


def test_a_kind_that_is_not_there_is_outside_every_bound():
    keys = [f"autoencoders/relu_p{density:g}" for density in (0.03, 0.01)]
    relu = FOUND | {key: [one.of("relu") for one in FOUND[key]] for key in keys}
    for claim in ("F21", "F22", "F24", "F25"):
        assert verdict(WEIGHTS, claim, relu).outcome in (Outcome.DEVIATES, Outcome.IN_PART)


def test_dictionaries_of_every_run_are_judged():
    ours = [verdict(WEIGHTS, f"E{k}", FOUND) for k in range(1, 5)]
    assert {(one.outcome, one.runs, one.runs_held) for one in ours} == {(Outcome.REPLICATES, 3, 3)}
    key = "enumerated/relu_p0.03"
    lost = ideal.dictionaries(WEIGHTS[key], ideal.of_nothing)[:1] + FOUND[key][1:]
    assert verdict(WEIGHTS, "E1", FOUND | {key: lost}).runs_held == 2
    few = FOUND | {key: FOUND[key][:2]}
    assert "no dictionaries of run 2 of enumerated" in verdict(WEIGHTS, "E1", few).reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (None, "no dictionaries of enumerated at 1 − S = 0.1"),
        (lambda one: replace(one, W=one.W + np.float32(0.1)), "of other weights"),
        (lambda one: replace(one, settings=one.settings.model_copy(update={"steps": 100})),
         "too little training"),
    ],
    ids=["none", "of other weights", "hardly trained"],
)  # fmt: skip
def test_other_dictionaries_are_not_evidence(change, reason):
    other = {key: [*map(change, its)] for key, its in FOUND.items()} if change else {}
    assert reason in verdict(WEIGHTS, "E1", other).reason


def test_nothing_to_find_is_outside_every_bound():
    network = best(WEIGHTS, "E1", FOUND)[2]
    nothing = replace(network, W=network.W * 0.1)
    measures = strategy.most_found, strategy.found_at_least_penalty, strategy.live_per_feature
    assert all(np.isnan(measure(nothing)) for measure in measures)
