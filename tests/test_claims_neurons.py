from dataclasses import replace

import ideal_neurons as ideal
import numpy as np
import pytest
from judged import best, changed, verdict

from superposition.claims.claim import Outcome
from superposition.claims.sections import computation, privileged_basis
from superposition.claims.statistics import constructed
from superposition.measure.network import TrainedCell

REPLICATED = ideal.everything()


def test_the_control_of_the_claim_that_no_ideal_network_fits_does_not_fit_either():
    assert not verdict(REPLICATED, "C63").control_fits


def put(array, place, value):
    """An array with another value in a place."""
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("claim", "cell", "arrays", "check", "measured"),
    [
        ("C56", "neurons/relu_hidden_p0.15", {"W": lambda W: put(W, np.s_[:, 0, 9], 0.3)}, 8, (5,)),
        ("C57", "neurons/relu_hidden_p0.02", {"W": lambda W: put(W, np.s_[:, :, 9], W[:, :, 0])}, 2,
         (9, 10)),
        ("C59", "absolute_small/absolute_p1", {"W": lambda W: put(W, np.s_[:, 1], W[:, 0])}, 0,
         (5,)),
        ("C64", "motif/absolute_p0.1", {"W_out": lambda W: np.maximum(W, 0)}, 0, (0,)),
    ],
    ids=["a second feature in a neuron", "two in the same pair", "one neuron for both signs",
         "no inhibition"],
)  # fmt: skip
def test_neurons_that_do_otherwise_contradict(claim, cell, arrays, check, measured):
    found = verdict(changed(REPLICATED, cell, **arrays), claim)
    assert found.outcome != Outcome.REPLICATES
    assert found.checks[check].measured == measured


@pytest.mark.parametrize(
    ("sparser", "place"),
    [("0011", 0.1**0.5), ("0101", 0.01**0.25), ("0000", np.nan), ("1111", np.nan)],
)
def test_a_boundary_is_where_the_kinds_are_divided_best(sparser, place):
    densities = (1.0, 0.5, 0.2, 0.1)
    networks = [constructed(np.eye(2), density) for density in densities]
    kind = dict(zip(densities, sparser, strict=True))
    found = privileged_basis.boundary(networks[::-1], lambda one: kind[one.density] == "1")
    np.testing.assert_allclose(found, place)


def test_pairs_that_begin_later_replicate_in_part():
    eight = ideal.regime("eight")
    later = changed(REPLICATED, "neurons/relu_hidden_p0.04", W=eight)
    found = verdict(later, "C57")
    assert found.outcome == Outcome.IN_PART
    assert found.checks[0].measured == pytest.approx([(0.04 * 0.02) ** 0.5], rel=1e-4)
    assert "at 1 − S = 0.04 the best has 8 features" in found.checks[0].explanations[0]


def test_a_rotated_hidden_layer_is_not_aligned():
    linear = {
        key: replace(cell, final=REPLICATED[key.replace("relu_hidden", "relu")].final)
        for key, cell in REPLICATED.items()
        if key.startswith("privileged/relu_hidden_p")
    }
    assert verdict(REPLICATED | linear, "C55").outcome == Outcome.DEVIATES


def test_hidden_units_that_are_off_at_times_are_not_linear():
    key = "privileged/relu_hidden_biased_p0.2"
    spoilt = changed(REPLICATED, key, hidden_bias=lambda c: 0 * c)
    found = verdict(spoilt, "C58")
    assert found.outcome == Outcome.IN_PART
    assert found.checks[0].within == (True, False, True)


def test_monosemantic_neurons_for_unimportant_features_are_noticed():
    backwards = {"W": lambda W: W[..., ::-1], "W_out": lambda W: W[:, ::-1]}
    spoilt = changed(REPLICATED, "absolute/absolute_p0.01", **backwards)
    assert verdict(spoilt, "C61").checks[2].measured[0] < 0.5


def test_the_loss_of_a_feature_is_none_if_computed_and_all_if_ignored():
    network = best(REPLICATED, "C60")[1]
    losses = computation.feature_losses(network)
    np.testing.assert_allclose(losses[:20], 0, atol=1e-12)
    # An output of 0 has the loss E[x²] = p/3, a little more than the variance of |x|.
    p = network.density
    np.testing.assert_allclose(losses[20:].mean(), (p / 3) / (p / 3 - p * p / 4), rtol=0.1)
    assert (losses < 0.5).sum() == 20


def test_weights_of_unsigned_features_are_not_evidence_for_computation():
    key = "absolute_small/absolute_p1"
    cell = REPLICATED[key].cell
    unit = cell.features.model_copy(update={"value_range": "unit"})
    other = replace(REPLICATED[key], cell=cell.model_copy(update={"features": unit}))
    assert verdict(REPLICATED | {key: other}, "C59").outcome == Outcome.NOT_TESTED


def test_the_plain_solution_is_as_good_as_it_is_said_to_be():
    """Answering twenty features exactly leaves the variance of all others."""
    cell = ideal.absolute()["absolute/absolute_p1"]
    network = TrainedCell("absolute/absolute_p1", cell).best
    network = replace(network, b=np.where(np.arange(100) < 20, 0.0, 0.5))
    losses = computation.feature_losses(network)
    importance = network.importance
    kept = (losses * importance).sum() / importance.sum()
    np.testing.assert_allclose(computation.plain_loss(network), kept, rtol=0.1)
