from dataclasses import replace

import ideal_phase
import numpy as np
import pytest

from superposition.claims import phase_statistics as of
from superposition.claims.library import Library
from superposition.claims.phase import CLAIMS
from superposition.claims.records import BEST, Outcome, Reading
from superposition.claims.verdicts import judge
from superposition.parameters import Parameters
from superposition.theory import phase

ABOUT = {claim.id: claim for claim in CLAIMS}


def verdict(claim, weights=()):
    return judge(dict(weights), [ABOUT[claim]])[0]


def near(run, r, density):
    """Every other run misses the pair at about equal importance."""
    return 0.75 < r < 1.33 and (run + round(1000 * density)) % 2


@pytest.fixture(scope="module")
def as_in_theory():
    return ideal_phase.diagram()


@pytest.fixture(scope="module")
def as_in_paper():
    return ideal_phase.diagram(shift=1.1, missed=near)


@pytest.fixture(scope="module")
def of_three():
    return ideal_phase.diagram(2, rows=20, last=0.01)


@pytest.mark.parametrize("claim", ["C16", "C19b", "C21"])
def test_mathematics_needs_no_weights_and_its_control_fails(claim):
    found = verdict(claim)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert not found.control_fits


def test_a_boundary_a_tenth_above_theory_is_the_papers(as_in_paper):
    found = verdict("C17", as_in_paper)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert len(found.checks[0].measured) == 12
    assert found.checks[1].measured[0] == pytest.approx(1.1, abs=0.02)


@pytest.mark.parametrize("shift", [0.8, 1.0, 1.3])
def test_another_boundary_is_not(shift):
    found = verdict("C17", ideal_phase.diagram(shift=shift))
    assert found.outcome == Outcome.DEVIATES
    assert "theory's" in found.reason


def test_where_theory_changes_its_solution_the_loss_has_a_kink_and_no_jump(as_in_theory):
    found = verdict("C18", as_in_theory)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert found.checks[0].measured[0] < 1e-3
    np.testing.assert_allclose(found.checks[1].measured, 1, atol=0.06)


def test_a_change_elsewhere_makes_the_loss_jump():
    reason = verdict("C18", ideal_phase.diagram(shift=1.25)).reason
    assert "jump of the loss" in reason


def test_without_a_change_nothing_is_first_order(as_in_theory):
    def paired(weights):
        W = np.broadcast_to(phase.solutions(1)[2].W, weights.W.shape)
        return replace(weights, final=Parameters(W.astype(np.float32), 0 * weights.b))

    found = verdict("C18", {key: paired(weights) for key, weights in as_in_theory.items()})
    assert found.outcome == Outcome.DEVIATES


def test_blur_is_runs_that_miss_the_pair_at_about_equal_importance(as_in_theory, as_in_paper):
    blurred, sharp = verdict("C19", as_in_paper), verdict("C19", as_in_theory)
    assert (blurred.outcome, blurred.judged_on) == (Outcome.REPLICATES, Reading.TYPICAL)
    assert blurred.checks[0].measured[0] == pytest.approx(0.5, abs=0.15)
    assert sharp.outcome == Outcome.DEVIATES


def test_blur_everywhere_is_not_blur_about_equal_importance():
    weights = ideal_phase.diagram(missed=lambda run, r, density: (run + round(999 * density)) % 2)
    assert "larger" in verdict("C19", weights).reason


def test_three_features_as_in_theory_replicate(of_three):
    found = verdict("C20", of_three)
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")
    assert found.checks[0].measured == found.checks[1].measured == (1, 1, 1, 1)


def test_three_features_must_be_as_in_theory_in_every_region(of_three):
    def change(weights):
        W = weights.W.copy()
        W[:, :, 2] *= 0.3
        return replace(weights, final=Parameters(W, weights.b))

    found = verdict("C20", {key: change(weights) for key, weights in of_three.items()})
    assert found.checks[0].within == (True, False, False, False)


def test_a_short_pair_instead_of_one_left_out_is_explained(of_three):
    def change(weights):
        W = weights.W.copy()
        left_out = (np.abs(W).sum(axis=1)[:, 0] == 0) & (np.abs(W[:, :, 2]).sum(axis=1) > 0)
        W[left_out, :, 0] = -0.8 * W[left_out, :, 1]
        W[left_out, :, 1] *= 0.8
        return replace(weights, final=Parameters(W, weights.b))

    found = verdict("C20", {key: change(weights) for key, weights in of_three.items()})
    assert found.outcome == Outcome.DEVIATES
    assert found.checks[1].within == (True, False, True, True)
    assert "both stay" in found.checks[1].findings[0]
    assert not found.checks[0].findings


@pytest.mark.parametrize("m", [2, 3, 5])
def test_solutions_are_told_apart_in_any_basis(m):
    basis = np.linalg.qr(np.random.default_rng(m).standard_normal((m, m)))[0]
    fates = [
        (of.extra_of(basis @ solution.W), of.others_of(basis @ solution.W))
        for solution in phase.solutions(m)
    ]
    assert fates == [
        ("ignored", "alone"),
        ("alone", "one ignored"),
        ("in pair", "alone"),
        ("alone", "in pair"),
    ]


def test_the_boundary_is_halfway_between_two_rows(as_in_theory):
    library = Library(as_in_theory)
    networks = library.repetitions(ABOUT["C17"])[BEST]
    step = np.sqrt(0.1 ** (1 / 33))
    wanted = np.array(ideal_phase.RELATIVE)
    found = of._boundary_at(networks, wanted)
    assert (np.abs(np.log(found / phase.boundary(1, wanted))) <= -np.log(step) * 1.01).all()


def test_controls_differ_between_the_points_of_a_row(as_in_theory):
    library = Library(as_in_theory)
    networks = library.repetitions(ABOUT["C17"])[BEST]
    first, second = (ABOUT["C17"].control.build(network, library) for network in networks[:2])
    assert first.density == second.density
    assert not np.allclose(first.W, second.W)


def test_two_features_are_ranked_by_their_expected_loss_not_by_chance(as_in_theory):
    def misjudged(weights):
        """The sample prefers another run, which is not the best in theory."""
        W, b = weights.W.copy(), weights.b.copy()
        W[1::3], b[1::3] = 0, weights.cell.features.feature_probability[0] / 2
        return replace(weights, final=Parameters(W, b))

    found = verdict("C18", {key: misjudged(weights) for key, weights in as_in_theory.items()})
    assert (found.outcome, found.reason) == (Outcome.REPLICATES, "")


def test_a_diverged_run_is_never_the_best(as_in_theory):
    def diverged(weights):
        W = weights.W.copy()
        W[1::3] = np.nan
        return replace(weights, final=Parameters(W, weights.b))

    weights = {key: diverged(weights) for key, weights in as_in_theory.items()}
    networks = Library(weights).repetitions(ABOUT["C18"])[BEST]
    assert all(np.isfinite(network.W).all() for network in networks)
