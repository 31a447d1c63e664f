"""Attacks are those of the definition, on every sample, and no stronger than they may be."""

import numpy as np
import pytest
from cells import features

from superposition.measure import robustness
from superposition.measure.metrics import gram
from superposition.measure.network import Network
from superposition.measure.robustness import attack, attack_length, line

N, M = 7, 3
RANDOM = np.random.default_rng(3)
W = RANDOM.standard_normal((M, N)) * 0.6
B = RANDOM.standard_normal(N) * 0.2
IMPORTANCE = 0.8 ** np.arange(N)
X = features(N, 0.3)


def samples(distribution):
    tiles = robustness._inputs(distribution).x
    return tiles.transpose(0, 2, 1).reshape(-1, distribution.n_features)


def losses(x, pushed, relu=True):
    z = pushed @ W.T @ W + B
    y = np.maximum(z, 0) if relu else z
    return (IMPORTANCE * (x - y) ** 2).sum(axis=1)


def ascend(x, delta, relu=True):
    length = attack_length(X)
    worst = losses(x, x + delta, relu)
    for _ in range(robustness.STEPS):
        z = (x + delta) @ W.T @ W + B
        error = IMPORTANCE * (z - x)
        slope = (np.where(z > 0, error, 0) if relu else error) @ W.T @ W
        size = np.linalg.norm(slope, axis=1, keepdims=True)
        delta = delta + robustness.STRIDE * length * np.divide(
            slope, size, out=np.zeros_like(slope), where=size > 0
        )
        delta *= length / np.maximum(np.linalg.norm(delta, axis=1, keepdims=True), length)
        worst = np.maximum(worst, losses(x, x + delta, relu))
    return worst


@pytest.mark.parametrize("relu", [True, False])
def test_attacks_are_those_of_a_plain_loop(relu):
    x, length = samples(X), attack_length(X)
    worst = losses(x, x, relu)
    for row in gram(W):
        delta = length * row / np.linalg.norm(row)
        worst = np.maximum(worst, losses(x, x + delta, relu))
        worst = np.maximum(worst, losses(x, x - delta, relu))
    found = attack(W, B, X, IMPORTANCE, output="relu" if relu else "identity")
    assert found.clean == pytest.approx(losses(x, x, relu).mean() / N)
    assert found.analytic == pytest.approx(worst.mean() / N)
    gradient = ascend(x, np.zeros_like(x), relu).mean() / N
    assert found.gradient == pytest.approx(gradient, rel=1e-9)
    assert found.random_start >= found.clean


@pytest.mark.parametrize("model", ["relu", "linear"])
def test_attacks_of_one_step_are_those_of_a_plain_loop(model):
    x, length, relu = samples(X), attack_length(X), model == "relu"
    z = x @ gram(W) + B
    y = np.maximum(z, 0) if relu else z
    slope = ((z > 0) | (not relu)) * IMPORTANCE * (y - x) @ gram(W)
    found = robustness.one_step(Network(W, B, X, IMPORTANCE, model=model))
    for direction, loss in ((slope, found.slope), (np.sign(slope), found.sign)):
        size = np.linalg.norm(direction, axis=1, keepdims=True)
        step = np.divide(direction, size, out=np.zeros_like(direction), where=size > 0)
        worst = np.maximum(losses(x, x, relu), losses(x, x + length * step, relu))
        assert loss == pytest.approx(worst.mean() / N)
    assert found.silent == (pytest.approx((z <= 0).mean()) if relu else 0)
    assert found.level == (~slope.any(axis=1)).mean()


def test_a_longer_attack_does_more_harm():
    plain_W, plain_b = robustness.without_superposition(M, X)
    found = attack(plain_W, plain_b, X, np.ones(N), size=0.3)
    assert found.harm == pytest.approx((3 * attack_length(X)) ** 2 / N)


def test_an_attack_is_a_tenth_of_the_mean_input():
    lengths = np.linalg.norm(samples(X), axis=1)
    assert attack_length(X) == pytest.approx(0.1 * lengths.mean(), rel=0.02)
    assert len(lengths) == robustness.SAMPLES
    assert (samples(X) == 0).all(axis=1).any(), "empty samples count, and are attacked too"


def test_without_superposition_an_attack_costs_its_square():
    plain_W, plain_b = robustness.without_superposition(M, X)
    found = attack(plain_W, plain_b, X, np.ones(N))
    assert found.harm == pytest.approx(attack_length(X) ** 2 / N)


def test_an_antipodal_pair_of_sparse_features_is_twice_as_vulnerable():
    pair = Network(np.array([[1.0, -1.0]]), np.zeros(2), features(2, 0.01), np.ones(2))
    assert robustness.vulnerability(pair) == pytest.approx(2, rel=0.02)


def test_a_network_that_has_learned_nothing_cannot_be_fooled():
    found = attack(np.zeros((M, N)), np.full(N, 0.15), X, np.ones(N))
    assert found.harm == 0
    assert found.gradient == found.random_start == found.clean


def test_a_line_is_that_of_least_squares_and_none_where_nothing_varies():
    x = np.arange(4.0)
    assert line(x, 1 - 2 * x) == pytest.approx((-2, 1, -1))
    assert line(x, x**2) == pytest.approx((*np.polyfit(x, x**2, 1), np.corrcoef(x, x**2)[0, 1]))
    assert np.isnan(line(x, np.ones(4))[2])
