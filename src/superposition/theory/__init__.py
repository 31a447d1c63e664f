"""Closed forms to hold trained models against.

`linear` has the linear model's expected loss; `expansion` the ReLU output model's, by the number of
active features; `phase` and `bias_free` the smallest models, in which superposition sets in as a
phase change; `polygons` and `polytopes` the shapes that features take. `search` is the minimiser
they share; `ranking` takes the best of several runs by their exact loss.

The paper sums its losses over features; the package's training loss is a mean over features.
`linear_loss` is such a mean, to be compared with trained models as it is. All else here is the
paper's sum: divide by n to compare.
"""

from superposition.theory.linear import linear_loss, moments

__all__ = ["linear_loss", "moments"]
