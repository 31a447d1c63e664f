from dataclasses import replace

import ideal
import numpy as np
import pytest

from superposition.claims import Outcome, judge, many_features, mathematics
from superposition.claims import mathematics_statistics as of
from superposition.claims.library import Library
from superposition.claims.records import BEST
from superposition.metrics import gram
from superposition.parameters import Parameters
from superposition.theory import linear_loss
from superposition.theory.expansion import expansion

IMPORTANCE = 0.7 ** np.arange(20.0)
COUNTS = [20, 20, 20, 21, 23, 26, 30, 33, 35, 37, 39, 39, 40, 42, 44, 45, 47, 49, 51, 53]
ONE_SHORT = [20, 20, 19, 19, 21, *COUNTS[5:]]
NOTEBOOK = tuple(float(f"{0.05 ** (k / 19):.4g}") for k in range(20))


def crowd(m, n, represented):
    """Return as many features as asked for: alone, then in pairs, then between two pairs."""
    W = np.zeros((m, n))
    alone = min(represented, m)
    W[range(alone), range(alone)] = 1
    pairs = min(represented - alone, m)
    W[range(pairs), range(m, m + pairs)] = -1
    for k in range(represented - alone - pairs):
        W[[2 * k % m, (2 * k + 1) % m], 2 * m + k] = np.sqrt(0.5) * (1 if 2 * k < m else -1)
    return W


def many(counts=(20, 26, 35, 40, 46, 54, 56), linear=20):
    cells = {}
    for density, count in zip(ideal.DENSITIES, counts, strict=True):
        for model, number in (("linear", linear), ("relu", count)):
            W = crowd(20, 80, number)
            cells[f"many_features/{model}_p{density:g}"] = ideal.weights(
                model, W, np.zeros(80), density, 0.9
            )
    return cells


def notebook(counts=COUNTS):
    decay = 0.01 ** (1 / 99)
    return {
        f"notebook/relu_p{density:g}": ideal.weights(
            "relu", crowd(20, 100, count), np.zeros(100), density, decay, runs=1
        )
        for density, count in zip(NOTEBOOK, counts, strict=True)
    }


def demonstration():
    """Return the paper's structure with the losses that the theory gives it."""
    cells = ideal.demonstration()
    for key, weights in cells.items():
        W, b = weights.W[0].astype(float), weights.b[0].astype(float)
        features = weights.cell.features
        density = features.feature_probability[0]
        loss = linear_loss(W, b, IMPORTANCE, features)
        if weights.cell.model.model == "relu":
            loss = float(expansion(W, b, IMPORTANCE, density).sum()) / 20
        cells[key] = replace(weights, loss=np.array([loss * 1.001, loss, loss * 1.001]))
    return cells


def verdict_on(name, weights):
    claims = (*many_features.CLAIMS, *mathematics.CLAIMS)
    (found,) = judge(weights, [claim for claim in claims if claim.id == name])
    return found


@pytest.fixture(scope="module")
def weights():
    return many() | notebook() | demonstration()


@pytest.mark.parametrize("name", ["C11", "C12", "C13", "C14", "C15"])
def test_claim_holds_on_ideal_weights_and_not_on_its_control(weights, name):
    verdict = verdict_on(name, weights)
    assert (verdict.outcome, verdict.reason) == (Outcome.REPLICATES, "")
    assert verdict.runs_held == verdict.runs
    assert not verdict.control_fits
    assert verdict.control_held == 0


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("C11", many(counts=(20, 26, 35, 34, 46, 54, 56))),
        ("C11", many(counts=(20, 26, 35, 40, 40, 40, 40))),
        ("C11", many(counts=(22, 26, 35, 40, 46, 54, 56))),
        ("C11", many(linear=21)),
        ("C12", notebook([20] * 20)),
        ("C12", notebook(ONE_SHORT)),
        ("C12", notebook([20, *[48] * 19])),
    ],
    ids=["falls", "stays at two each", "dense with pairs", "linear with a pair",
         "no superposition", "one fewer", "no plateau"],
)  # fmt: skip
def test_claim_fails_on_other_counts(name, wrong):
    assert verdict_on(name, wrong).outcome == Outcome.DEVIATES


def test_eighty_features_need_both_ends_and_take_what_is_between():
    cells = many()
    ends = {key: cell for key, cell in cells.items() if key.split("_p")[1] in ("1", "0.1", "0.001")}
    verdict = verdict_on("C11", ends)
    assert verdict.outcome == Outcome.REPLICATES
    assert len(verdict.cells) == 6
    without = {key: cell for key, cell in cells.items() if not key.endswith("_p0.001")}
    assert verdict_on("C11", without).outcome == Outcome.NOT_TESTED


def test_one_feature_short_is_explained_where_it_was_studied():
    short = verdict_on("C12", notebook(ONE_SHORT))
    assert "1 − S = 0.7295" in short.reason
    assert any("counting" in text for check in short.checks for text in check.findings)


@pytest.mark.parametrize(("model", "density"), [("linear", "0.1"), ("relu", "0.003")])
def test_a_loss_that_is_not_the_theorys_contradicts_it(weights, model, density):
    key = f"demonstration/{model}_p{density}"
    cell = weights[key]
    wrong = verdict_on("C14", weights | {key: replace(cell, loss=cell.loss * 1.1)})
    assert wrong.outcome == Outcome.DEVIATES


def test_networks_without_negative_overlaps_say_nothing_about_them(weights):
    apart = np.stack([ideal.tower(5, 0)] * 3).astype(np.float32)
    cells = {
        key: replace(weights[key], final=Parameters(apart, weights[key].b))
        for key in (f"demonstration/relu_p{density}" for density in (0.01, 0.003, 0.001))
    }
    assert verdict_on("C15", cells).outcome == Outcome.DEVIATES


def test_negative_overlaps_cost_where_a_bias_is_positive_but_only_the_others_are_counted(weights):
    claim = next(claim for claim in mathematics.CLAIMS if claim.id == "C15")
    network = Library(weights).repetitions(claim)[BEST][0]
    assert of.price_of_negative(network) == 0
    assert of.linear_price_of_negative(network) > 0.5
    lifted = replace(network, b=np.full(20, 0.5))
    assert of.price_of_negative(lifted) == of.linear_price_of_negative(lifted) == 0
    assert of.price_of_negative(replace(network, model="linear")) > 0.5


def test_minima_of_the_linear_loss_are_the_same_for_every_caller():
    minima = of.linear_minima()
    assert len(minima) == 16
    identity = np.diag((np.arange(20) < 5).astype(float))
    for network in minima:
        np.testing.assert_allclose(gram(network.W), identity, atol=1e-4)
