"""Constructed solutions: the structures that the paper draws, built by hand and at their best.

- `exact`: the expected loss of networks whose features share with few others, and its slopes;
  `sampled`: the loss on one large sample, for others.
- `build`: the structures by name, polished on these losses.
- `crossing`: where a pentagon and digons lose the same.
- `payoff`: what a dimension is worth in each of them, and what trained networks are made of.
- `comparison`: their losses beside those of trained networks.

A trained network that loses more than a structure is not the solution of its problem; one that
loses less has found another.
"""

from typing import Final

PAIRS_OF_NEURONS: Final = "pairs of neurons"
TWO_NEURONS: Final = "two neurons a feature"
PAYING: Final = ("single", "digon", "triangle", "tetrahedron", "pentagon", "square antiprism")
"""What many equally important features form in the paper."""
COMPARED: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("intro", "intro_notebook"), ("single", "digon", "pentagon")),
    **dict.fromkeys(("geometry", "geometry_wide", "geometry_narrow", "geometry_notebook"), PAYING),
    **dict.fromkeys(("pressure", "pressure_crowded"), PAYING),
    "triangle": ("single", "digon", "triangle"),
    "square": ("single", "triangle", "square"),
    "tetrahedron": ("single", "digon", "triangle", "tetrahedron"),
    "triangular_bipyramid": ("digon", "tetrahedron", "triangular bipyramid"),
    "octahedron": ("triangular bipyramid", "pentagon", "octahedron"),
    "pentagonal_bipyramid": ("octahedron", "pentagonal bipyramid"),
    "square_antiprism": ("pentagonal bipyramid", "square antiprism"),
    "perturbed": ("digon", "pentagon"),
    "correlated_pairs": ("digon",),
    "anticorrelated_pairs": ("digon",),
    "correlated_hexagon": ("hexagon",),
    "independent_six": ("digon", "pentagon", "hexagon"),
    "energy_levels": ("digon",),
    **dict.fromkeys(("transformations", "transformations_large"), ("octahedron",)),
    "neurons": ("single", PAIRS_OF_NEURONS),
    "absolute": (TWO_NEURONS,),
}
"""The structures that networks of an experiment are compared with."""
