"""The geometry of trained weights: which features share dimensions, and in what shapes.

- `graphs`: the feature graph, its components, and the polytope each of them is.
- `dimensions`: features per dimension, and the sticky lines of feature dimensionality.
- `planar`: solutions in two hidden dimensions.
- `sets`: correlated and anticorrelated features, collapse and principal components.
- `polytopes`: matching an ideal polytope; what WᵀW sends to zero.
- `hulls`: edges and faces of polytopes in three dimensions, for drawing.

`shapes` has the ideal polytopes and `singular` the decomposition they all rest on. As in `metrics`,
column W_i is the direction of feature i, and BLAS and LAPACK are not used, so that the same weights
give the same numbers on every machine.
"""
