"""Networks of equally important features as the paper describes them, built by hand."""

import ideal
import numpy as np

from superposition.measure.geometry.shapes import (
    TIGHT_HEIGHT,
    antiprism,
    cross_polytope,
    polygon,
    simplex,
    tegum,
)

SINGLE, DIGON, TRIANGLE, TETRAHEDRON = np.ones((1, 1)), simplex(1), simplex(2), simplex(3)
PENTAGON, ANTIPRISM = polygon(5), antiprism(4, TIGHT_HEIGHT)
PAPERS = {
    1.0: SINGLE,
    0.9: SINGLE,
    0.83: SINGLE,
    0.63: TETRAHEDRON,
    0.6: TRIANGLE,
    0.45: DIGON,
    0.35: DIGON,
    0.28: DIGON,
    0.24: PENTAGON,
    0.22: ANTIPRISM,
    0.15: polygon(8),
    0.05: polygon(15),
}
"""The polytope that fills all dimensions, by 1 − S."""
NOTEBOOKS = {
    1.0: SINGLE,
    0.8541: SINGLE,
    0.4546: DIGON,
    0.3883: DIGON,
    0.3316: DIGON,
    0.2833: DIGON,
    0.15: polygon(8),
    0.05: polygon(15),
}
WIDES = {1.0: SINGLE, 0.45: DIGON, 0.15: polygon(8)}
SMALL = {
    "triangle": (TRIANGLE, 0.65),
    "square": (cross_polytope(2), 0.05),
    "tetrahedron": (TETRAHEDRON, 0.62),
    "triangular_bipyramid": (tegum(TRIANGLE, DIGON), 0.6),
    "octahedron": (cross_polytope(3), 0.05),
    "pentagonal_bipyramid": (tegum(PENTAGON, DIGON), 0.15),
    "square_antiprism": (ANTIPRISM, 0.05),
}


def filled(shape, n, m):
    """Weights of n features, of which as many as possible are copies of a polytope."""
    W = np.zeros((m, n))
    copies = tegum(*[shape] * (m // shape.shape[0]))
    W[: copies.shape[0], : copies.shape[1]] = copies
    return W


def curve(experiment, n, m, shapes):
    """One network at each level."""
    solutions = {density: filled(shape, n, m) for density, shape in shapes.items()}
    return ideal.at_densities(experiment, solutions)


def notebooks():
    """The notebook's levels; of pairs, the last dimension is left to all other features."""
    W = filled(DIGON, 200, 20)
    W[19] = [0.0] * 38 + [0.02] * 162
    pairs = {density: W for density, shape in NOTEBOOKS.items() if shape is DIGON}
    name = "geometry_notebook"
    return curve(name, 200, 20, NOTEBOOKS) | ideal.at_densities(name, pairs)


def small():
    """The small models, each its polytope."""
    cells = {}
    for name, (W, density) in SMALL.items():
        cells |= ideal.at_densities(name, {density: W})
    return cells


def pressed():
    """Pentagons and digons of unequal lengths, the less so the more pressure there was."""
    cells = {}
    for name, n, blur, swept in (
        ("pressure/relu_p0.21+steps5000", 200, 0.01, {"steps": 5000.0}),
        ("pressure/relu_p0.21+steps20000", 200, 0.003, {"steps": 20000.0}),
        ("pressure_crowded/relu_p0.21", 400, 0.003, {}),
    ):
        W = filled(tegum(PENTAGON, PENTAGON, DIGON), n, 20)
        W *= 1 + blur * np.random.default_rng(n).standard_normal(n)
        cells[name] = ideal.weights("relu", W, 0, 0.21, 1.0, swept=swept)
    return cells


def geometry():
    """Everything that figures and claims of uniform superposition need."""
    return (
        curve("geometry", 400, 30, PAPERS)
        | curve("geometry_wide", 400, 60, WIDES)
        | curve("geometry_narrow", 200, 15, WIDES)
        | notebooks()
        | small()
        | pressed()
    )
