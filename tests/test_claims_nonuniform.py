"""Claims about one feature that differs, and about sets of features."""

from dataclasses import replace

import ideal_sets
import numpy as np
import pytest
from ideal_sets import PAIRS, pentagon, rays, weights

from superposition import claims
from superposition.claims import Outcome, feature_sets, nonuniform, verdicts
from superposition.claims import nonuniform_statistics as of
from superposition.claims.library import Library
from superposition.claims.records import BEST, Reading
from superposition.parameters import Parameters

CLAIMS = (*nonuniform.CLAIMS, *feature_sets.CLAIMS)


@pytest.fixture(scope="module")
def replicated():
    return ideal_sets.everything()


def judged(cells, claim):
    (verdict,) = verdicts.judge(cells, [one for one in CLAIMS if one.id == claim])
    return verdict


def values(verdict, quantity):
    return next(check.measured for check in verdict.checks if quantity in check.quantity)


def test_claims_are_numbered_without_gaps():
    assert [claim.id for claim in CLAIMS] == [f"C{k}" for k in range(36, 48)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claim_holds_on_the_structure_the_paper_describes(replicated, claim):
    verdict = judged(replicated, claim.id)
    assert (verdict.outcome, verdict.reason) == (Outcome.REPLICATES, "")
    assert not verdict.control_fits


def test_a_random_start_replicates_nothing(replicated):
    random = np.random.default_rng(0)
    start = {
        key: replace(
            cell,
            final=Parameters(
                W=(random.standard_normal(cell.W.shape) / 2).astype("f4"), b=np.zeros_like(cell.b)
            ),
        )
        for key, cell in replicated.items()
    }
    found = {v.id: v.outcome for v in verdicts.judge(start, CLAIMS)}
    # Six random directions are no hexagon, which is all that C44 says; but nor are its control's.
    assert found.pop("C44") == Outcome.VOID
    assert set(found.values()) == {Outcome.DEVIATES}


def test_relative_cells_are_all_points_of_an_experiment_the_even_one_too(replicated):
    library = Library(replicated)
    claim = next(one for one in CLAIMS if one.id == "C37")
    networks = library.repetitions(claim)[BEST]
    np.testing.assert_allclose([n.relative for n in networks], ideal_sets.RELATIVE)
    even = next(one for one in CLAIMS if one.id == "C36")
    assert [n.relative for n in library.repetitions(even)[BEST]] == [1.0]


def test_claims_about_all_runs_see_every_run_of_every_cell_once(replicated):
    claim = next(one for one in CLAIMS if one.id == "C39")
    assert claim.basis.reading is Reading.ALL_RUNS
    found = Library(replicated).repetitions(claim)
    assert list(found) == [BEST]
    assert len(found[BEST]) == 3 * len(ideal_sets.RELATIVE)
    assert {n.repetition for n in found[BEST]} == {0, 1, 2}


def test_claims_about_all_runs_count_no_single_ones_in_reports(replicated):
    verdict = judged(replicated, "C41")
    assert (verdict.runs, verdict.runs_held, verdict.control_held) == (0, 0, 0)
    assert verdict.cells == ("relu at 1 − S = 0.05", "relu at 1 − S = 0.01")
    assert "all runs together" in claims.table([verdict])
    assert "*all runs*" in claims.to_markdown([verdict])
    assert "median" not in claims.to_markdown([verdict])
    assert claims.to_csv([verdict]).count("\n") == 5


@pytest.mark.parametrize("place", [0.33, 0.4, 0.47])
def test_the_crossing_is_found_where_it_was_put(place):
    verdict = judged(ideal_sets.perturbed(place), "C38")
    assert verdict.outcome == Outcome.REPLICATES
    assert values(verdict, "equal")[0] == pytest.approx(place, abs=0.002)


def test_a_crossing_elsewhere_deviates_and_is_explained():
    verdict = judged(ideal_sets.perturbed(0.27), "C38")
    assert verdict.outcome == Outcome.DEVIATES
    assert values(verdict, "equal")[0] == pytest.approx(0.27, abs=0.002)
    assert "importance" in " ".join(text for c in verdict.checks for text in c.findings)


def test_no_crossing_without_digons():
    cells = {
        key: replace(cell, loss=np.where([False, True, False], np.nan, cell.loss))
        for key, cell in ideal_sets.perturbed().items()
    }
    for claim in ("C38", "C39"):
        assert judged(cells, claim).outcome == Outcome.DEVIATES


def test_digons_without_another_feature_are_not_those_of_the_claim():
    def without_another(cell):
        W = cell.W.copy()
        W[1] = W[1][:, [4, 1, 2, 3, 0]]
        return replace(cell, final=replace(cell.final, W=W))

    cells = {key: without_another(cell) for key, cell in ideal_sets.perturbed().items()}
    assert judged(cells, "C38").outcome == Outcome.DEVIATES


def test_neighbours_that_do_not_move_deviate():
    cells = {
        key: replace(cell, final=replace(cell.final, W=np.stack([pentagon(1.0)] * 3).astype("f4")))
        for key, cell in ideal_sets.perturbed().items()
    }
    assert judged(cells, "C37").outcome == Outcome.DEVIATES


def test_the_form_of_the_norm_tells_the_first_from_the_second_power():
    even = (0.05,) * 5
    cells = {"perturbed/relu_p0.05": weights([(pentagon(1.0, np.sqrt(1.37)), -0.282)], even, [1.0])}
    verdict = judged(cells, "C40")
    assert verdict.outcome == Outcome.DEVIATES
    assert values(verdict, "‖W_i‖ (1")[0] == pytest.approx(0.840, abs=0.001)
    assert values(verdict, "‖W_i‖² (1")[0] == pytest.approx(0.984, abs=0.001)
    assert any("‖W_i‖²" in text for check in verdict.checks for text in check.findings)


@pytest.mark.parametrize(
    ("claim", "wrong", "too_many"),
    [
        ("C41", rays([0, 180, 90, 270]), 2),  # opposite instead of at right angles
        ("C42", rays([0, 90, 180, 270]), 2),
    ],
)
def test_wrong_runs_among_five_can_be_too_many(claim, wrong, too_many):
    whole = ideal_sets.correlated_pairs() | ideal_sets.anticorrelated_pairs()

    def spoilt(runs):
        def change(cell):
            W = cell.W.copy()
            W[-runs:] = wrong
            return replace(cell, final=replace(cell.final, W=W))

        return {key: change(cell) for key, cell in whole.items()}

    assert judged(spoilt(too_many - 1), claim).outcome == Outcome.REPLICATES
    assert judged(spoilt(too_many), claim).outcome == Outcome.DEVIATES


def test_most_runs_must_be_right_at_each_density_not_in_the_mean():
    cells = ideal_sets.correlated_pairs()
    key = next(iter(cells))
    W = cells[key].W.copy()
    W[-2:] = rays([0, 180, 90, 270])
    cells[key] = replace(cells[key], final=replace(cells[key].final, W=W))
    assert judged(cells, "C41").checks[0].measured == (0.6, *[1.0] * (len(cells) - 1))
    assert judged(cells, "C41").outcome == Outcome.DEVIATES


def test_a_hexagon_with_partners_opposite_is_not_the_papers(replicated):
    hexagon = rays([0, 180, 60, 240, 120, 300])
    cells = dict(replicated)
    for p in (0.05, 0.03, 0.01):
        key = f"correlated_hexagon/relu_p{p:g}"
        W = cells[key].W.copy()
        W[0] = hexagon
        cells[key] = replace(cells[key], final=replace(cells[key].final, W=W))
    verdict = judged(cells, "C43")
    assert verdict.outcome == Outcome.DEVIATES
    assert values(verdict, "hexagons") == (1, 1, 1)
    assert values(verdict, "side by side") == (0, 0, 0)


def test_a_hexagon_of_independent_features_deviates_and_is_explained(replicated):
    cells = replicated | {
        f"independent_six/relu_p{p:g}": weights(
            [(rays(60 * np.arange(6)), -0.1)] * 3, (p,) * 6, [1, 2, 3]
        )
        for p in (0.05, 0.005)
    }
    verdict = judged(cells, "C44")
    assert verdict.outcome == Outcome.DEVIATES
    assert any("limit of sparse" in text for check in verdict.checks for text in check.findings)


def test_two_collapsed_pairs_where_the_paper_has_three_deviate(replicated):
    pairs = ideal_sets.three_pairs(2)
    cell = weights([(pairs, 0.0)] * 3, (0.3,) * 6, [1, 2, 3], correlated=PAIRS)
    verdict = judged(replicated | {"correlated_hexagon/relu_p0.3": cell}, "C46")
    assert verdict.outcome == Outcome.DEVIATES
    assert "0.3" in verdict.reason
    assert any("half" in text for check in verdict.checks for text in check.findings)


def test_members_that_interfere_with_each_other_are_no_orthogonal_basis(replicated):
    W = np.hstack([np.eye(10), np.roll(np.eye(10), 1, axis=0)])
    W[:, 1] = np.sqrt(0.5) * (W[:, 0] + W[:, 1])
    cell = replicated["local_bases/relu_p0.05"]
    changed = replace(cell, final=replace(cell.final, W=np.stack([W] * 3).astype("f4")))
    assert judged({"local_bases/relu_p0.05": changed}, "C45").outcome == Outcome.DEVIATES


def test_weights_of_other_sets_are_not_evidence(replicated):
    cell = replicated["correlated_pairs/relu_p0.05"]
    verdict = judged({"anticorrelated_pairs/relu_p0.05": cell}, "C42")
    assert verdict.outcome == Outcome.NOT_TESTED


def test_best_solutions_out_of_order_are_counted(replicated):
    claim = next(one for one in CLAIMS if one.id == "C38")
    networks = Library(replicated).repetitions(claim)[BEST]
    assert of.out_of_order(networks) == 0
    sparsest = ideal_sets.RELATIVE[0]
    swapped = tuple(
        replace(n, W=pentagon(sparsest)) if np.isclose(n.relative, sparsest) else n
        for n in networks
    )
    assert of.out_of_order(swapped) == 1
