from dataclasses import replace

import ideal_neurons as ideal
import numpy as np
import pytest

from superposition.claims import Outcome, computation, judge, neurons
from superposition.claims import neurons_statistics as of
from superposition.claims.library import Library
from superposition.claims.records import BEST
from superposition.parameters import Parameters

CLAIMS = (*neurons.CLAIMS, *computation.CLAIMS)
# What the paper says of many features is not what any network of our own making does.
IDEAL = ("C55", "C56", "C56b", "C57", "C58", "C59", "C60", "C61", "C62", "C64")


@pytest.fixture(scope="module")
def replicated():
    return ideal.everything()


@pytest.fixture(scope="module")
def verdicts(replicated):
    return {verdict.id: verdict for verdict in judge(replicated, CLAIMS)}


def the(claim):
    return next(one for one in CLAIMS if one.id == claim)


def verdict(weights, claim):
    return judge(weights, [the(claim)])[0]


def changed(weights, cell, **arrays):
    """Return the weights with arrays of one cell changed by functions."""
    final = weights[cell].final
    new = {name: arrays.get(name, np.copy)(array) for name, array in final.arrays().items()}
    return weights | {cell: replace(weights[cell], final=Parameters(**new))}


@pytest.mark.parametrize("claim", IDEAL)
def test_claim_holds_on_the_structure_the_paper_describes(verdicts, claim):
    assert (verdicts[claim].outcome, verdicts[claim].reason) == (Outcome.REPLICATES, "")


@pytest.mark.parametrize("claim", [claim.id for claim in CLAIMS])
def test_no_control_fits_its_claim(verdicts, claim):
    assert not verdicts[claim].control_fits


def test_a_neuron_with_a_second_feature_is_not_monosemantic(replicated):
    def spoil(W):
        W[:, 0, 9] = 0.3
        return W

    assert verdict(changed(replicated, "neurons/relu_hidden_p0.2", W=spoil), "C56").outcome == (
        Outcome.DEVIATES
    )


def test_two_features_in_the_same_pair_of_neurons_contradict_the_codes(replicated):
    def twice(W):
        W[:, :, 9] = W[:, :, 0]
        return W

    found = verdict(changed(replicated, "neurons/relu_hidden_p0.02", W=twice), "C57")
    assert found.checks[0].within == (True, True, True)
    assert found.checks[1].measured == (10, 9, 10)


def test_a_rotated_hidden_layer_is_not_aligned(replicated):
    linear = {
        key: replace(cell, final=replicated[key.replace("relu_hidden", "relu")].final)
        for key, cell in replicated.items()
        if key.startswith("privileged/relu_hidden_p")
    }
    assert verdict(replicated | linear, "C55").outcome == Outcome.DEVIATES


def test_hidden_units_that_are_off_at_times_are_not_linear(replicated):
    key = "privileged/relu_hidden_biased_p0.2"
    spoilt = changed(replicated, key, hidden_bias=lambda c: 0 * c)
    found = verdict(spoilt, "C58")
    assert found.outcome == Outcome.DEVIATES
    assert found.checks[0].within == (True, False, True)


def test_a_neuron_for_both_signs_contradicts_the_plain_solution(replicated):
    def flip(W):
        W[:, 1] = W[:, 0]
        return W

    spoilt = changed(replicated, "absolute_small/absolute_p1", W=flip)
    assert verdict(spoilt, "C59").checks[0].measured == (5,)


def test_monosemantic_neurons_for_unimportant_features_are_noticed(replicated):
    def backwards(W):
        return W[:, :, ::-1].copy()

    def outwards(W_out):
        return W_out[:, ::-1].copy()

    spoilt = changed(replicated, "absolute_sparse/absolute_p0.01", W=backwards, W_out=outwards)
    assert verdict(spoilt, "C61").checks[2].measured[0] < 0.5


def test_a_motif_without_inhibition_is_none(replicated):
    def silence(W_out):
        return np.maximum(W_out, 0)

    spoilt = changed(replicated, "motif/absolute_p0.1", W_out=silence)
    assert verdict(spoilt, "C64").checks[0].measured == (0,)


def test_the_loss_of_a_feature_is_none_if_computed_and_all_if_ignored(replicated):
    claim = the("C60")
    network = Library(replicated).repetitions(claim)[BEST][1]
    losses = of.feature_losses(network)
    np.testing.assert_allclose(losses[:20], 0, atol=1e-12)
    # An output of 0 has the loss E[x²] = p/3, a little more than the variance of |x|.
    p = network.density
    np.testing.assert_allclose(losses[20:].mean(), (p / 3) / (p / 3 - p * p / 4), rtol=0.1)
    assert of.count_learned(network) == 20


def test_weights_of_unsigned_features_are_not_evidence_for_computation(replicated):
    key = "absolute_small/absolute_p1"
    cell = replicated[key].cell
    unit = cell.features.model_copy(update={"value_range": "unit"})
    other = replace(replicated[key], cell=cell.model_copy(update={"features": unit}))
    assert verdict(replicated | {key: other}, "C59").outcome == Outcome.NOT_TESTED
