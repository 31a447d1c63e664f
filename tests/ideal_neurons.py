"""Hand-built networks of mono- and polysemantic neurons, as the paper describes them."""

from itertools import combinations

import ideal
import numpy as np

REGIMES = {
    0.75: "five", 0.5: "five", 0.35: "code", 0.2: "code", 0.15: "three", 0.12: "four",
    0.1: "four", 0.08: "eight", 0.05: "eight", 0.04: "pairs", 0.02: "pairs", 0.01: "pairs",
}  # fmt: skip
BETWEEN = {0.42: "code", 0.175: "code", 0.135: "four", 0.09: "eight"}
MANY = (0.1, 0.03, 0.01, 0.003, 0.001)


def weights(model, density, W, decay=1.0, signed=False, runs=3, **others):
    """Equal runs of one network without biases; the middle one has the lowest loss."""
    features = {"value_range": "signed" if signed else "unit"}
    given = {"loss": 1e-9, "others": others, "features": features}
    return ideal.weights(model, W, 0, density, decay, runs, rotate=False, **given)


def regime(name):
    """W of ten features in five neurons as a caption of the paper has it."""
    W = np.zeros((5, 10))
    if name == "five":
        W[range(5), range(5)] = 1
    if name == "code":
        W[range(3), range(3)] = 1
        W[3:, 3:6] = np.array([[1, -1, 1], [1, 1, -1]]) * np.sqrt([0.5, 1.0, 1.0])
    if name == "three":
        W[range(2), range(2)] = 1
        W[2:, 2:5] = np.eye(3) - 0.8 * (1 - np.eye(3))
        W[2:, 5:7] = np.array([[1, 0], [1, 1], [-2, 1]]) * np.sqrt(0.5)
    if name == "four":
        W[0, 0] = 1
        W[1:, 1:7] = pairs(4, 6)
    if name == "eight":
        W[:, :8] = pairs(5, 8)
    if name == "pairs":
        W[:] = pairs(5, 10)
    return W


def pairs(m, n):
    """Features that excite two neurons each, and keep all others down."""
    W = np.full((m, n), -1.5)
    for i, pair in enumerate(list(combinations(range(m), 2))[:n]):
        W[list(pair), i] = np.sqrt(0.5)
    return W


def neurons():
    given = {"model": "relu_hidden", "decay": 0.75, "rotate": False, "loss": 1e-9}
    found = {}
    for experiment, regimes in (("neurons", REGIMES), ("neurons_between", BETWEEN)):
        solutions = {density: regime(name) for density, name in regimes.items()}
        found |= ideal.at_densities(experiment, solutions, **given)
    return found


def privileged():
    random = np.random.default_rng(5)
    turned = np.linalg.qr(random.standard_normal((5, 5)))[0]
    found = {}
    for density, name in ((0.5, "five"), (0.2, "code"), (0.05, "five")):
        W = regime(name)
        found[f"privileged/relu_hidden_p{density:g}"] = weights(
            "relu_hidden", density, W, decay=0.75
        )
        found[f"privileged/relu_p{density:g}"] = weights("relu", density, turned @ W, decay=0.75)
        found[f"privileged/relu_hidden_biased_p{density:g}"] = weights(
            "relu_hidden_biased", density, turned @ W, hidden_bias=np.full(5, 8.0), decay=0.75
        )
    return found


def plain(m, n):
    """Both layers of the plain solution: two neurons for each of the first features."""
    W = np.zeros((m, n))
    for k in range(m):
        W[k, k // 2] = -1 if k % 2 else 1
    return 2 * W, np.abs(W).T / 2


def absolute_small():
    W, W_out = plain(6, 3)
    return {"absolute_small/absolute_p1": weights("absolute", 1.0, W, signed=True, W_out=W_out)}


def shared(alone):
    """Forty neurons, some with a sign of a feature each, the others with one of five.

    A neuron that is shared has a primary weight and four secondary ones for less important
    features; feature by feature what comes back is 1.
    """
    W, W_out = plain(40, 100)
    W, W_out = W / 2, W_out * 2
    for k in range(alone, 40):
        for j in range(4):
            i = 20 + 10 * (k % 2) + ((k - alone) // 2 * 4 + j) % 40
            W[k, i] = 0.4 * (-1 if k % 2 else 1)
    for i in range(20, 100):
        for sign in (1, -1):
            here = np.flatnonzero(np.sign(W[:, i]) == sign)
            W_out[i, here] = 1 / (0.4 * max(here.size, 1))
    return W, W_out


def signed_weights(density, W, W_out):
    return weights("absolute", density, W, 0.8, signed=True, W_out=W_out)


def absolute(alone=(30, 20, 10, 4, 0)):
    plainly = {density: plain(40, 100) for density in (1.0, 0.3)}
    solutions = plainly | {p: shared(k) for p, k in zip(MANY, alone, strict=True)}
    return {
        f"absolute/absolute_p{density:g}": signed_weights(density, *both)
        for density, both in solutions.items()
    }


def asymmetric(ratio=4.0, inhibition=None):
    """Three plain features and two motifs, of one asymmetric neuron and one inhibitor each.

    Neuron 5 serves features 3 (positive) and 4 (negative), neuron 6 inhibits feature 4 if 3 is
    positive; neurons 7 and 8 do the same for features 3 (negative) and 5 (positive).
    """
    harm = ratio if inhibition is None else inhibition
    W, W_out = np.zeros((9, 6)), np.zeros((6, 9))
    for k in range(5):
        W[k, k // 2], W_out[k // 2, k] = (-1 if k % 2 else 1), 1
    for k, (a, b, sign) in ((5, (3, 4, 1)), (7, (3, 5, -1))):
        W[k, a], W[k, b] = sign * np.sqrt(ratio), -sign / np.sqrt(ratio)
        W_out[a, k], W_out[b, k] = 1 / np.sqrt(ratio), np.sqrt(ratio)
        W[k + 1, a], W_out[b, k + 1] = 0.5 * sign, -2 * harm
    return W, W_out


def motif():
    W, W_out = asymmetric(inhibition=5.0)
    return {"motif/absolute_p0.1": signed_weights(0.1, W, W_out)}


def everything():
    return neurons() | privileged() | absolute_small() | absolute() | motif()
