import ideal_neurons as ideal
import numpy as np
import pytest

from superposition.measure import neurons
from superposition.measure.neurons import Layers


def tied(W):
    return Layers(W, W.T)


def response(both, x, b=0.0):
    return np.maximum(both.W_out @ np.maximum(both.W @ x, 0) + b, 0)


def test_rescaled_network_computes_the_same_from_the_same_contributions():
    random = np.random.default_rng(0)
    both = Layers(random.standard_normal((4, 3)), random.standard_normal((3, 4)))
    x = random.standard_normal(3)
    scaled = neurons.rescaled(both)
    np.testing.assert_allclose(response(scaled, x), response(both, x), atol=1e-12)
    np.testing.assert_allclose(np.abs(scaled.W).max(axis=1), 1)
    for signed in (True, False):
        expected = neurons.contributions(both, signed)
        np.testing.assert_allclose(neurons.contributions(scaled, signed), expected)


def test_contributions_are_what_comes_back_of_a_feature_alone():
    both = tied(ideal.regime("pairs"))
    alone = [response(both, row)[i] for i, row in enumerate(np.eye(10))]
    np.testing.assert_allclose(neurons.contributions(both, signed=False).sum(axis=0), alone)


@pytest.mark.parametrize(
    ("name", "mono", "represented"),
    [("five", 5, 5), ("code", 3, 6), ("three", 2, 7), ("four", 1, 7), ("eight", 0, 8),
     ("pairs", 0, 10)],
)  # fmt: skip
def test_regimes_of_the_paper_are_counted_as_its_captions_do(name, mono, represented):
    both = tied(ideal.regime(name))
    assert neurons.is_monosemantic(both, signed=False).sum() == mono
    assert neurons.is_represented(both, signed=False).sum() == represented


def test_an_asymmetric_neuron_of_the_paper_is_polysemantic():
    both = neurons.rescaled(Layers(np.array([[2.0, -0.5]]), np.array([[0.5], [2.0]])))
    assert neurons.is_polysemantic(both, signed=True).all()


def test_a_negative_weight_excites_only_where_features_have_signs():
    W = np.array([[1.0, -1.0]])
    assert neurons.second_share(W, signed=True) == [1.0]
    assert neurons.second_share(W, signed=False) == [0.0]


def test_an_unused_neuron_is_neither_mono_nor_polysemantic_and_comes_last():
    W, W_out = ideal.plain(6, 3)
    W[0], W_out[:, 0] = 1, 0
    both = Layers(W, W_out)
    assert neurons.is_silent(both, signed=True).tolist() == [True] + [False] * 5
    assert not (neurons.is_monosemantic(both, True) | neurons.is_polysemantic(both, True))[0]
    assert neurons.order(both, signed=True)[-1] == 0


def test_each_of_four_neurons_carries_a_feature_that_they_share_evenly():
    both = tied(np.full((4, 1), 0.5))
    assert neurons.carried(both, signed=False).all()


def test_neurons_are_plotted_by_importance_positive_before_negative():
    W, W_out = ideal.plain(6, 3)
    mixed = [3, 0, 5, 1, 4, 2]
    both = Layers(W[mixed], W_out[:, mixed])
    assert [mixed[k] for k in neurons.order(both, signed=True)] == list(range(6))


def test_the_papers_example_of_asymmetric_superposition_is_found_and_measured():
    found = neurons.asymmetric(Layers(*ideal.asymmetric(4.0)))
    assert [(one.neuron, one.strong, one.weak, one.inhibitor) for one in found] == [
        (5, 3, 4, 6),
        (7, 3, 5, 8),
    ]
    for one in found:
        assert one.ratio_in == pytest.approx(4)
        assert one.ratio_out == pytest.approx(4)
        assert one.interference == pytest.approx(4)
        assert one.is_cancelled


def test_interference_that_is_left_is_told():
    found = neurons.asymmetric(Layers(*ideal.asymmetric(4.0, inhibition=2.0)))
    assert [one.rest for one in found] == pytest.approx([0.5, 0.5])
    assert not any(one.is_cancelled for one in found)
    assert neurons.asymmetric(Layers(*ideal.asymmetric(1.5))) == []


@pytest.mark.parametrize("regime", ["five", "code", "three"])
def test_a_basis_is_special_whatever_the_lengths_of_features(regime):
    random = np.random.default_rng(1)
    W = ideal.regime(regime) * (1 + random.random(10))
    assert neurons.privilege(W) > 0.95
    assert neurons.privilege(0 * W) == 0
    elsewhere = [np.linalg.qr(random.standard_normal((5, 5)))[0] @ W for _ in range(50)]
    # Every share is as likely as any other in a random basis.
    assert np.mean([neurons.privilege(one) for one in elsewhere]) == pytest.approx(0.5, abs=0.12)
