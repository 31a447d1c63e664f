from dataclasses import replace

import numpy as np
import pytest
from ideal import tower
from ideal_mathematics import COUNTS, everything, many, notebook
from judged import best, changed, explained, verdict

from superposition.claims.claim import Outcome
from superposition.claims.sections import mathematics as section
from superposition.measure.metrics import gram


def short(features):
    """The notebook's networks, of which one has some features that are not quite represented."""
    cells = notebook()
    key = list(cells)[COUNTS.index(21)]
    lengths = np.where(np.arange(100) < features, 0.88, 1)
    return changed(cells, key, W=lambda W: W * lengths)


WEIGHTS = everything()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("C11", many(counts=(20, 26, 35, 34, 46, 54, 56))),
        ("C11", many(counts=(20, 26, 35, 40, 40, 40, 40))),
        ("C11", many(counts=(22, 26, 35, 40, 46, 54, 56))),
        ("C11", many(linear=21)),
        ("C12", notebook([20] * 20)),
        ("C12", short(3)),
        ("C12", notebook([20, 20, 19, 19, 21, *COUNTS[5:]])),
        ("C12", notebook([20, *[48] * 19])),
    ],
    ids=["falls", "stays at two each", "dense with pairs", "linear with a pair",
         "no superposition", "two fewer", "shorter", "no plateau"],
)  # fmt: skip
def test_claim_fails_on_other_counts(name, wrong):
    assert verdict(wrong, name).outcome in (Outcome.DEVIATES, Outcome.IN_PART)


def test_eighty_features_need_both_ends_and_take_what_is_between():
    cells = many()
    ends = {key: cell for key, cell in cells.items() if key.split("_p")[1] in ("1", "0.1", "0.001")}
    found = verdict(ends, "C11")
    assert found.outcome == Outcome.REPLICATES
    assert len(found.cells) == 6
    without = {key: cell for key, cell in cells.items() if not key.endswith("_p0.001")}
    assert verdict(without, "C11").outcome == Outcome.NOT_TESTED


def test_single_features_may_fall_short_while_the_sum_of_all_rises():
    found = verdict(short(2), "C12")
    assert (found.outcome, found.checks[1].measured[3]) == (Outcome.REPLICATES, -1)


def test_a_bend_is_told_in_steps_where_there_is_no_plateau():
    told = explained(verdict(notebook([20, *[48] * 19]), "C12"))
    # From 1 to 20/48 at once, and no more.
    assert "falls by 0.583" in told
    assert "an even fall would be 0.031" in " ".join(told.split())


@pytest.mark.parametrize(("model", "density"), [("linear", "0.1"), ("relu", "0.003")])
def test_a_loss_that_is_not_the_theorys_contradicts_it(model, density):
    key = f"demonstration/{model}_p{density}"
    cell = WEIGHTS[key]
    found = verdict(WEIGHTS | {key: replace(cell, loss=cell.loss * 1.1)}, "C14")
    assert found.outcome == Outcome.DEVIATES


def test_networks_without_negative_overlaps_say_nothing_about_them():
    sparse = [f"demonstration/relu_p{density}" for density in (0.01, 0.003, 0.001)]
    apart = changed(WEIGHTS, *sparse, W=tower(5, 0))
    assert verdict(apart, "C15").outcome == Outcome.DEVIATES


def test_negative_overlaps_cost_where_a_bias_is_positive_but_only_the_others_are_counted():
    network = best(WEIGHTS, "C15")[0]
    assert section.price_of_negative(network) == 0
    assert section.linear_price_of_negative(network) > 0.5
    lifted = replace(network, b=np.full(20, 0.5))
    assert section.price_of_negative(lifted) == section.linear_price_of_negative(lifted) == 0
    assert section.price_of_negative(replace(network, model="linear")) > 0.5


def test_minima_of_the_linear_loss_are_the_same_for_every_caller():
    minima = section.linear_minima()
    assert len(minima) == 16
    identity = np.diag((np.arange(20) < 5).astype(float))
    for network in minima:
        np.testing.assert_allclose(gram(network.W), identity, atol=1e-4)
