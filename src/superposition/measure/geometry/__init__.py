"""The geometry of trained weights: which features share dimensions, and in what shapes.

- `dimensions`: features per dimension, and the sticky lines of feature dimensionality.
- `graphs`: the feature graph, its components, and the polytope each of them is.
- `polytopes`: the fit to an ideal polytope, and the vectors that WᵀW sends to zero.
- `capacity`: which features have part of a dimension, and how far blocks are from semi-orthogonal.
- `shapes`: the ideal polytopes; `hulls`: their edges and faces, for pictures.
- `planar`: solutions in two hidden dimensions; `branches`: those with one feature that differs.
- `sets`: correlated and anticorrelated features, collapse and principal components.
- `trajectories`: jumps and stages in the course of training.

All rest on the decomposition in `singular`. As in `metrics`, column W_i is the direction of feature
i, and BLAS and LAPACK are not used, so that the same weights give the same numbers on every
machine.
"""
