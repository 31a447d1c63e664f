"""Claims about one feature that differs, and about sets of features."""

from dataclasses import replace

import ideal_sets
import numpy as np
import pytest
from ideal_sets import PAIRS, pentagon, rays, weights
from judged import best, changed, deviation, explained, measured, the, trained, verdict

from superposition import claims
from superposition.claims.claim import Outcome
from superposition.claims.networks import Library
from superposition.claims.sections import feature_sets, perturbed
from superposition.measure.network import BEST

REPLICATED = ideal_sets.everything()


def test_relative_cells_are_all_points_of_an_experiment_the_even_one_too():
    relative = [network.relative for network in best(REPLICATED, "C37")]
    np.testing.assert_allclose(relative, ideal_sets.RELATIVE)
    assert [network.relative for network in best(REPLICATED, "C36")] == [1.0]


def test_claims_about_all_runs_see_every_run_of_every_cell_once():
    assert the("C39").basis.reading == "all runs"
    found = Library(trained(REPLICATED)).runs_of(the("C39")).repetitions()
    assert list(found) == [BEST]
    assert len(found[BEST]) == 3 * len(ideal_sets.RELATIVE)
    assert {network.run for network in found[BEST]} == {0, 1, 2}


def test_claims_about_all_runs_count_no_single_ones_in_reports():
    found = verdict(REPLICATED, "C44")
    assert (found.runs, found.runs_held, found.control_held) == (0, 0, 0)
    assert found.cells == ("relu at 1 − S = 0.05", "relu at 1 − S = 0.005")
    assert "all runs together" in claims.table([found])
    assert "*all runs*" in claims.to_markdown([found])
    assert "median" not in claims.to_markdown([found])
    assert set(map(len, claims.numbers_table([found]).values())) == {4}


@pytest.mark.parametrize("place", [0.27, 0.33, 0.4, 0.47])
def test_the_crossing_is_found_where_it_was_put(place):
    found = verdict(ideal_sets.perturbed(place), "C38")
    assert measured(found, "trained")[0] == pytest.approx(place, abs=0.002)
    assert found.checks[-1].within == (place >= 0.3,)
    # At 1 − S = 0.05 it is at 1/3.71, whatever was trained.
    assert measured(found, "at their best")[0] == pytest.approx(1 / 3.71, rel=0.002)
    assert found.outcome == Outcome.IN_PART
    assert "importance of 0.368" in explained(found)


def test_no_crossing_without_digons():
    cells = {
        key: replace(cell, loss=np.where([False, True, False], 1.0, cell.loss))
        for key, cell in ideal_sets.perturbed().items()
    }
    for claim in ("C38", "C39"):
        assert verdict(cells, claim).outcome == Outcome.DEVIATES


@pytest.mark.parametrize(
    ("claim", "W"),
    [
        ("C38", lambda W: [W[0], W[1][:, [4, 1, 2, 3, 0]], W[2]]),
        ("C37", pentagon(1.0)),
    ],
    ids=["digons without another feature", "neighbours that do not move"],
)
def test_other_solutions_beside_the_varied_feature_deviate(claim, W):
    cells = ideal_sets.perturbed()
    deviation(changed(cells, *cells, W=W), claim)


def test_the_form_of_the_norm_tells_the_first_from_the_second_power():
    even = (0.05,) * 5
    cells = {
        "perturbed/relu_p0.05": weights(
            [(pentagon(1.0, np.sqrt(1.37)), -0.282)] * 3, even, [1.0] * 3
        )
    }
    found = deviation(cells, "C40")
    assert measured(found, "‖W_i‖ (1")[0] == pytest.approx(0.840, abs=0.001)
    assert measured(verdict(cells, "E9"), "‖W_i‖² (1")[0] == pytest.approx(0.984, abs=0.001)
    assert "‖W_i‖ = 1.135, ‖W_i‖² = 1.287 and b_i = −0.246" in explained(found)


@pytest.mark.parametrize(
    ("claim", "cells", "wrong"),
    [
        ("C41", ideal_sets.correlated_pairs(), [0, 180, 90, 270]),  # opposite, not at right angles
        ("C42", ideal_sets.anticorrelated_pairs(), [0, 90, 180, 270]),
    ],
)
@pytest.mark.parametrize(("run", "outcome"), [(1, Outcome.REPLICATES), (0, Outcome.DEVIATES)])
def test_the_run_with_the_lowest_loss_decides(claim, cells, wrong, run, outcome):
    ranked = {key: replace(cell, loss=np.arange(5.0)) for key, cell in cells.items()}
    spoilt = changed(ranked, *ranked, W=lambda W: [*W[:run], *[rays(wrong)] * (5 - run)])
    assert verdict(spoilt, claim).outcome == outcome


def test_wrong_partners_in_most_runs_are_explained_by_what_is_built_for_it():
    cells = ideal_sets.anticorrelated_pairs()
    ranked = {key: replace(cell, loss=np.arange(5.0)) for key, cell in cells.items()}
    wrong = [rays([0, 90, 180, 270])] * 4
    found = verdict(changed(ranked, *ranked, W=lambda W: [W[0], *wrong]), "C42")
    assert found.outcome == Outcome.REPLICATES
    assert "make explanations" in explained(found)


@pytest.mark.parametrize(
    ("collapsed", "places"),
    [
        ((3, 3, 2, 1, 0), (0.4, 0.2, 0.1)),
        ((3, 1, 1, 1, 0), (0.8, 0.8, 0.1)),
        ((2, 2, 1, 1, 0), (np.nan, 0.4, 0.1)),
        ((3, 3, 3, 3, 3), (np.nan, np.nan, np.nan)),
    ],
)
def test_boundaries_of_collapse_are_half_way_between_levels(collapsed, places):
    cells = {
        f"correlated_hexagon/relu_p{p:g}": weights(
            [(ideal_sets.three_pairs(number), -0.1)], (p,) * 6, [1.0], correlated=PAIRS
        )
        for p, number in zip((0.8, 0.4, 0.2, 0.1, 0.05), collapsed, strict=True)
    }
    networks = [cell.best for cell in trained(cells)]
    # The levels halve from one to the next.
    expected = np.array(places) / np.sqrt(2)
    np.testing.assert_allclose(feature_sets.boundaries(networks), expected)
    assert feature_sets.is_every_regime_in_order(networks) == (collapsed == (3, 3, 2, 1, 0))


def test_a_hexagon_with_partners_opposite_is_not_the_papers():
    sparse = [f"correlated_hexagon/relu_p{p:g}" for p in (0.05, 0.03, 0.01)]
    hexagon = rays([0, 180, 60, 240, 120, 300])
    found = verdict(changed(REPLICATED, *sparse, W=lambda W: [hexagon, *W[1:]]), "C43")
    assert found.outcome != Outcome.REPLICATES
    assert measured(found, "hexagons") == (1, 1, 1)
    assert measured(found, "side by side") == (0, 0, 0)


@pytest.mark.parametrize(("number", "shares"), [(1, 1 / 3), (3, 1)])
def test_a_hexagon_of_independent_features_deviates_as_the_best_or_as_most(number, shares):
    independent = [f"independent_six/relu_p{p:g}" for p in (0.05, 0.005)]
    hexagons = [rays(60 * np.arange(6))] * number
    found = deviation(
        changed(REPLICATED, *independent, W=lambda W: [*hexagons, *W[number:]]), "C44"
    )
    assert measured(found, "lowest-loss") == (1, 1)
    assert measured(found, "share") == pytest.approx((shares, shares))


def test_two_collapsed_pairs_where_the_paper_has_three_move_the_boundary():
    pairs = ideal_sets.three_pairs(2)
    dense = [f"correlated_hexagon/relu_p{p:g}" for p in (0.35, 0.3, 0.25)]
    found = verdict(changed(REPLICATED, *dense, W=pairs), "C46")
    assert found.outcome == Outcome.IN_PART
    assert (
        found.reason == "1 − S below which fewer than three are collapsed: 1.66 times the paper's"
    )


def test_members_that_interfere_with_each_other_are_no_orthogonal_basis():
    W = np.hstack([np.eye(10), np.roll(np.eye(10), 1, axis=0)])
    W[:, 1] = np.sqrt(0.5) * (W[:, 0] + W[:, 1])
    changed_ = changed(REPLICATED, "local_bases/relu_p0.05", W=W)
    assert verdict(changed_, "C45").outcome == Outcome.DEVIATES


def test_weights_of_other_sets_are_not_evidence():
    cell = REPLICATED["correlated_pairs/relu_p0.05"]
    found = verdict({"anticorrelated_pairs/relu_p0.05": cell}, "C42")
    assert found.outcome == Outcome.NOT_TESTED


def test_best_solutions_out_of_order_are_counted():
    networks = best(REPLICATED, "C38")
    assert perturbed.out_of_order(networks) == 0
    sparsest = ideal_sets.RELATIVE[0]
    swapped = tuple(
        replace(n, W=pentagon(sparsest)) if np.isclose(n.relative, sparsest) else n
        for n in networks
    )
    assert perturbed.out_of_order(swapped) == 1
