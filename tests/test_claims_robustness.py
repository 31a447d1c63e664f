"""Claims about attacks, adversarial training and penalties on activations, on networks by hand."""

from dataclasses import replace

import ideal_robustness
import numpy as np
import pytest
from ideal_geometry import DIGON, SINGLE, filled

from superposition.claims import judge, robustness, tradeoff
from superposition.claims import robustness_statistics as of
from superposition.claims.library import Library
from superposition.claims.records import BEST, Outcome
from superposition.geometry.shapes import polygon
from superposition.parameters import Parameters

ATTACKED = [claim for claim in robustness.CLAIMS if claim.id != "C53"]
TRAINED = [claim for claim in (*robustness.CLAIMS, *tradeoff.CLAIMS) if claim not in ATTACKED]


@pytest.fixture(scope="module")
def attacked():
    return ideal_robustness.attacked()


@pytest.fixture(scope="module")
def trained():
    return ideal_robustness.hardened() | ideal_robustness.penalised()


def the(claim):
    return next(one for one in (*ATTACKED, *TRAINED) if one.id == claim)


def verdict(weights, claim):
    return judge(weights, [the(claim)])[0]


def altered(weights, key, W, b=0.0):
    """Return the weights with another solution, all runs alike, in one cell."""
    old = weights[key]
    runs, n = len(old.runs), old.W.shape[-1]
    final = Parameters(np.tile(W, (runs, 1, 1)).astype("f4"), np.full((runs, n), b, "f4"))
    return weights | {key: replace(old, final=final)}


@pytest.mark.parametrize("claim", [claim.id for claim in ATTACKED])
def test_claims_about_attacks_hold_on_polytopes(attacked, claim):
    found = verdict(attacked, claim)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert not found.control_fits
    assert found.control_held == 0


@pytest.mark.parametrize("claim", [claim.id for claim in TRAINED])
def test_claims_about_training_hold_on_what_it_is_said_to_do(trained, claim):
    found = verdict(trained, claim)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert not found.control_fits
    assert found.control_held == 0


def test_without_superposition_nothing_about_vulnerability_holds(attacked):
    plain = attacked
    for key in attacked:
        plain = altered(plain, key, filled(SINGLE, 100, 20))
    outcomes = {v.id: v.outcome for v in judge(plain, ATTACKED)}
    assert outcomes["C50"] == outcomes["C51"] == outcomes["C54"] == Outcome.DEVIATES


def test_a_vulnerability_that_does_not_follow_crowding_contradicts(attacked):
    crowded = altered(attacked, "attacked/relu_p0.01", filled(polygon(8), 100, 20), b=-3.0)
    found = verdict(crowded, "C51")
    assert found.outcome == Outcome.DEVIATES


def test_pairs_as_vulnerable_as_before_are_no_dip(attacked):
    few = {k: w for k, w in attacked.items() if k not in ("attacked/relu_p0.2",)}
    few = altered(few, "attacked/relu_p0.01", filled(polygon(8), 100, 20))
    found = verdict(few, "C54")
    assert found.outcome == Outcome.DEVIATES
    assert "largest fall" in found.reason


def test_errors_that_are_there_give_the_gradient_a_hold(attacked):
    # A bias above zero is an error of every output, all of which gradient ascent adds to at once.
    slope = altered(attacked, "attacked/relu_p0.01", filled(polygon(8), 100, 20), b=0.05)
    assert verdict(slope, "C52").outcome == Outcome.DEVIATES


def test_superposition_that_stays_contradicts_its_removal(trained):
    stays = altered(trained, "hardened_100/relu_p0.3", filled(DIGON, 100, 20))
    found = verdict(stays, "C53")
    assert found.outcome == Outcome.DEVIATES
    assert "rise" in found.reason
    assert "shortest attack" in found.reason


def test_superposition_that_a_short_attack_removes_contradicts(trained):
    early = trained
    for size in robustness.SIZES[1:]:
        for density in (0.3, 0.05):
            key = f"hardened_{round(100 * size)}/relu_p{density:g}"
            early = altered(early, key, filled(SINGLE, 100, 20))
    assert "shortest attack" in verdict(early, "C53").reason


def test_a_penalty_that_kills_every_feature_before_superposition_is_gone_contradicts(trained):
    killed = trained
    for key, cell in trained.items():
        if cell.cell.training.activation_penalty >= 0.002:
            killed = altered(killed, key, np.zeros((5, 20)))
    found = verdict(killed, "C65")
    assert found.outcome == Outcome.DEVIATES
    assert "smallest penalty" in found.reason
    assert found.checks[1].measured == (None, None)


def test_networks_are_compared_at_each_density_alone(trained):
    networks = Library(trained).repetitions(the("C53"))[BEST]
    assert len(networks) == 2 * len(robustness.SIZES)
    assert of.crowding_at_first(networks) == pytest.approx((2, 2))
    assert of.removed_at(robustness.SIZES)(networks) == (0.8, 0.8)


def test_a_network_that_is_missing_leaves_the_claim_untested(trained):
    few = {key: cell for key, cell in trained.items() if not key.startswith("hardened_80")}
    assert verdict(few, "C53").outcome == Outcome.NOT_TESTED
