"""Closed forms to hold trained models against.

`linear` has the linear model's expected loss; `expansion` the ReLU output model's, by the number of
active features; `phase`, `bias_free` and `two_features` the smallest models, in which superposition
sets in as a phase change; `minima` the best polygons, and the minimiser that finds them;
`compression` what the appendix says of it.

The paper sums its losses over features; the package's training loss is a mean over features.
`linear_loss` is such a mean, to be compared with trained models as it is. All else here is the
paper's sum: divide by n to compare.
"""
