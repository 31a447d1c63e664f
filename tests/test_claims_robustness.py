"""Claims about attacks, adversarial training and penalties on activations, on networks by hand."""

import ideal_robustness
import numpy as np
import pytest
from ideal_geometry import DIGON, SINGLE, filled
from judged import best, changed, deviation, measured, verdict

from superposition.claims.claim import Outcome
from superposition.claims.sections import robustness
from superposition.claims.statistics import by_density
from superposition.measure.geometry.shapes import polygon

ATTACKED = ideal_robustness.attacked()


TRAINED = ideal_robustness.hardened() | ideal_robustness.penalised()


@pytest.mark.parametrize("claim", ["C50", "C51", "C54"])
def test_without_superposition_nothing_about_vulnerability_holds(claim):
    plain = changed(ATTACKED, *ATTACKED, W=filled(SINGLE, 100, 20), b=0)
    assert verdict(plain, claim).outcome == Outcome.DEVIATES


CROWDED = filled(polygon(8), 100, 20)


@pytest.mark.parametrize(
    ("claim", "bias", "reason"),
    [
        ("C51", -3.0, "correlation"),
        # Biases above zero are errors of every output, all of which gradient ascent adds to; equal
        # ones would cancel, as vectors of a polygon do.
        ("C52", np.linspace(0, 0.1, 100), "harm of projected gradient ascent"),
        ("C54", 0.0, "largest fall"),
    ],
    ids=["not as crowding", "errors give the gradient a hold", "pairs as vulnerable as before"],
)
def test_a_vulnerability_unlike_the_papers_contradicts(claim, bias, reason):
    few = {key: cell for key, cell in ATTACKED.items() if claim != "C54" or "p0.2" not in key}
    found = verdict(changed(few, "attacked/relu_p0.01", W=CROWDED, b=bias), claim)
    assert found.outcome != Outcome.REPLICATES
    assert reason in found.reason


@pytest.mark.parametrize(
    ("claim", "key", "sizes", "W", "reason"),
    [
        ("C53", "attack", {1.0}, filled(DIGON, 100, 20), "shortest attack"),
        ("C53", "attack", {*ideal_robustness.SIZES[1:]}, filled(SINGLE, 100, 20), "shortest"),
        ("C65", "activation_penalty", {*ideal_robustness.PENALTIES[2:]}, 0, "smallest penalty"),
    ],
    ids=["it stays", "a short attack removes it", "a penalty kills every feature"],
)
def test_superposition_that_goes_otherwise_contradicts(claim, key, sizes, W, reason):
    those = [name for name, cell in TRAINED.items() if cell.cell.swept.get(key) in sizes]
    found = deviation(changed(TRAINED, *those, W=W), claim)
    assert reason in found.reason


def test_features_that_get_shorter_have_not_stopped_sharing():
    long = [name for name, cell in TRAINED.items() if cell.cell.swept.get("attack", 0) >= 0.8]
    found = verdict(changed(TRAINED, *long, W=0.7 * filled(DIGON, 100, 20)), "C53")
    assert found.outcome == Outcome.DEVIATES
    assert measured(found, "from which on none does") == (None, None)
    assert "nowhere" in found.reason


def test_a_dip_must_be_beyond_what_runs_differ_by():
    assert measured(verdict(ATTACKED, "C54"), "largest fall")[0] > 0
    pairs = "attacked/relu_p0.2"
    unlike = changed(ATTACKED, pairs, W=lambda W: [W[0], 1.02 * W[1], W[2]])
    assert verdict(unlike, "C54").outcome == Outcome.DEVIATES


def test_it_is_told_down_to_which_density_vulnerability_follows_crowding():
    networks = best(ATTACKED, "C51")
    assert robustness.tracked_down_to(networks) == 0.01
    unlike = best(changed(ATTACKED, "attacked/relu_p0.01", b=-3.0), "C51")
    assert robustness.tracked_down_to(unlike) == 0.05


def test_networks_are_compared_at_each_density_alone():
    networks = best(TRAINED, "C53")
    assert len(networks) == 2 * len(ideal_robustness.SIZES)
    assert by_density(robustness.removed_at)(networks) == [0.8, 0.8]


def test_attacks_of_one_length_alone_leave_the_claim_untested():
    few = {key: cell for key, cell in TRAINED.items() if key.endswith("+attack0.8")}
    found = verdict(few, "C53")
    assert found.outcome == Outcome.NOT_TESTED
    assert found.reason == "hardened has one value of attack; the claim compares several"
