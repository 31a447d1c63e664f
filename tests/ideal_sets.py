"""Hand-built weights of features that differ or come in sets, as the paper describes them."""

import ideal
import numpy as np

RELATIVE = (0.1, 0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.52, 0.63, 0.8, 1.0, 1.6, 2.5)
PAIRS = ((0, 1), (2, 3), (4, 5))
COLLAPSED = {1.0: 0, 0.7: 3, 0.5: 3, 0.4: 3, 0.35: 3, 0.3: 3, 0.25: 3, 0.2: 2, 0.175: 2, 0.15: 2}
COLLAPSED |= {0.125: 1, 0.1: 1, 0.08: 1, 0.065: 1, 0.05: 0, 0.03: 0, 0.01: 0}


def weights(solutions, probabilities, losses, swept=None, **sets):
    """One cell; solutions is a list of (W, b), each turned into a basis of its own."""
    random = np.random.default_rng(3)
    m, n = solutions[0][0].shape
    bases = [np.linalg.qr(random.standard_normal((m, m)))[0] for _ in solutions]
    cell = ideal.cell("relu", n, m, probabilities, 1.0, len(solutions), swept, sets)
    W = [basis @ W for basis, (W, _) in zip(bases, solutions, strict=True)]
    return ideal.built(cell, W, [np.broadcast_to(b, n) for _, b in solutions], losses)


def at_densities(name, probabilities, solutions, losses, **sets):
    """Cells of the same solutions, of features all as dense."""
    n = solutions[0][0].shape[1]
    return {
        f"{name}/relu_p{p:g}": weights(solutions, (p,) * n, losses, **sets) for p in probabilities
    }


def rays(angles, lengths=1.0):
    angle = np.radians(angles)
    return lengths * np.stack([np.cos(angle), np.sin(angle)])


def pentagon(relative, norm=1.02):
    """A pentagon whose last feature has a gap of 72° + 4° for each doubling of density."""
    gap = 72 + 4 * np.log2(relative)
    rest = (360 - 2 * gap) / 3
    return rays(np.cumsum([gap, rest, rest, rest, gap]), norm)


def digons(n=5):
    """Two digons of the first four features; the others are at zero."""
    return ideal.polygon(4, n)


def perturbed(crossing=0.4):
    """Pentagons and digons at each relative density; their losses cross at this one."""
    cells = {}
    for relative in RELATIVE:
        solutions = [(pentagon(relative), -0.03), (digons(), 0.0), (pentagon(relative), -0.03)]
        lowest = [1 + relative, 1 - crossing + 2 * relative]
        losses = np.array([lowest[0], lowest[1], lowest[0] + 0.01])
        cells[f"perturbed/relu_p0.05+relative_density{relative:g}"] = weights(
            solutions,
            (0.05,) * 4 + (round(0.05 * relative, 6),),
            losses,
            swept={"relative_density": relative},
        )
    return cells


def correlated_pairs():
    """Correlated partners at right angles, in each of five runs at two densities."""
    solutions = [(rays([0, 90, 180, 270]), 0.0)] * 5
    return at_densities(
        "correlated_pairs", (0.05, 0.01), solutions, range(1, 6), correlated=PAIRS[:2]
    )


def anticorrelated_pairs():
    """Anticorrelated partners opposite each other."""
    solutions = [(rays([0, 180, 90, 270]), 0.0)] * 5
    sets = {"anticorrelated": PAIRS[:2]}
    return at_densities("anticorrelated_pairs", (0.3, 0.1), solutions, [0.0] * 5, **sets)


def three_pairs(collapsed):
    """Three pairs of which some have collapsed, the first ones, at shorter lengths."""
    angles, lengths = [], []
    corners = 6 - collapsed
    for pair in range(3):
        start = len(set(angles)) * 360 / corners
        shared = pair < collapsed
        angles += [start, start if shared else start + 360 / corners]
        lengths += [np.sqrt(0.5) if shared else 1.0] * 2
    return rays(angles, np.array(lengths))


def correlated_hexagon():
    """The sweep of the paper's captions, with a run of one collapsed pair more."""
    cells = {}
    for p, number in COLLAPSED.items():
        best, worse = (three_pairs(number), -0.1), (three_pairs(min(number + 1, 3)), 0.0)
        solutions, losses = [best, worse, best], [1.0, 1.2, 1.1]
        cells |= at_densities("correlated_hexagon", [p], solutions, losses, correlated=PAIRS)
    return cells


def independent_six():
    """Six independent features: a pentagon, and one at zero."""
    solutions = [(ideal.polygon(5, 6), -0.1)] * 3
    return at_densities("independent_six", (0.05, 0.005), solutions, [1, 2, 3])


def local_bases():
    """Two orthonormal bases of ten dimensions, turned against each other at random."""
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((10, 10)))[0]
    solutions = [(np.hstack([np.eye(10), turned]), 0.0)] * 3
    tens = (tuple(range(10)), tuple(range(10, 20)))
    return at_densities("local_bases", [0.05], solutions, [1, 2, 3], correlated=tens)


def everything():
    """All of these."""
    parts = (perturbed, correlated_pairs, anticorrelated_pairs, correlated_hexagon)
    cells = {}
    for part in (*parts, independent_six, local_bases):
        cells |= part()
    return cells
