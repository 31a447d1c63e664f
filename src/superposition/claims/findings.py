"""What experiments of ours showed where training departs from the paper's claims.

The texts report those experiments, which were done once; the build does not repeat them.
"""

from superposition.claims.records import Finding, Reading
from superposition.theory.polygons import best_polygon

_PENTAGON, _HEXAGON = best_polygon(5), best_polygon(6)
"""The best ones when features are sparse."""

CONSTANT_RATE = (
    Finding(
        ("linear", 0.001),
        "At 1 − S = 0.001 the mean of x is 0.0005, and the published notebook's constant learning "
        "rate of 0.001 keeps the biases jittering by tens of percent of it. With a cosine schedule "
        "to zero, all else equal, their mean over the ignored features is within 3 % of (1 − S)/2 "
        "in 6 of 6 runs, after 10,000 steps as after 40,000. At a constant rate, 40,000 steps, no "
        "weight decay or batches of 8192 do not cure it (0.64–1.34, 0.73–1.77 and 0.80–1.16 of the "
        "mean of x). So it is noise of the optimiser, not the model.",
    ),
)
BETTER_THAN_PAIRS = (
    Finding(
        ("relu", 0.03),
        "At 1 − S = 0.03 the paper's five pairs are what training mostly finds, in 20 of 32 runs, "
        "but not the best there is: the lowest-loss run holds eleven features, three pairs and "
        "five in a plane much like a pentagon. On ten million samples, the loss of the best five "
        "pairs is 4.4 % ± 0.5 % higher.",
        inside=Reading.TYPICAL,
    ),
)
LATER_CROSSING = (
    Finding(
        ("relu", 0.05),
        "On a million samples, with the published notebook's recipe or ours, and with the best "
        "bias for the dropped feature or the one it was left with, the losses are equal at 0.26 "
        "to 0.27, when the feature is 3.8 times sparser. Where they are depends on how dense the "
        "other four are: 0.18 at 1 − S = 0.02, 0.26 at 0.05, 0.32 at 0.07 and 0.42 at 0.1. With "
        "the feature as dense as the others but less important, it is at a relative importance of "
        "0.37. The paper's 2.5 times is what a density of 0.1 gives, or nearly what importance "
        "does at 0.05; its text speaks of varying either.",
    ),
)
SQUARED_NORM = (
    Finding(
        ("relu", 0.05),
        "The formula holds for ‖W_i‖², not for ‖W_i‖, and then only nearly. In the limit of "
        "sparse features, where the best pentagon can be calculated, "
        f"‖W_i‖² = {_PENTAGON.norm_squared:.3f} and b_i = −{-_PENTAGON.bias:.3f}, so that "
        f"1/(1 − |b_i|) = {1 / (1 + _PENTAGON.bias):.3f}, but "
        f"‖W_i‖ = {_PENTAGON.norm_squared**0.5:.3f}.",
    ),
)
WRONG_PARTNERS = (
    Finding(
        ("relu", 0.2371),
        "All other runs are two digons as well, but of the wrong partners, members of a set at "
        "right angles: a local minimum, while antipodal partners lose nothing at all. At "
        "1 − S = 0.2371, 17 of 32 runs are right with this recipe, with the published notebook's "
        "and with 10,000 steps, 16 with batches of 32 and 15 with a learning rate of 0.1. Smaller "
        "initial weights help a little: 19 at 0.58 times ours, as in the notebook if five models "
        "are trained, 20 at 0.3 and 22 at 0.1 times. So the best of five runs is very likely "
        "right, but five right runs are luck, or chosen.",
    ),
)
SPARSE_HEXAGON = (
    Finding(
        ("relu", 0.05),
        "Training hardly ever finds it, in 3 to 6 of 32 runs, but when features are sparse the "
        "hexagon is the best solution of six independent ones: on a fresh sample its loss is 4 % "
        "below that of the best other run at 1 − S = 0.05, 15 % at 0.02 and 24 % at 0.005. A "
        "pentagon without the sixth feature is better at 0.07 and above (by 0.4 % there, 4 % at "
        "0.1). So it is in the limit of sparse features, where the best polygons can be "
        "calculated: loss over that of ignoring everything "
        f"−{-_PENTAGON.gain:.2f} for the pentagon, −{-_HEXAGON.gain:.2f} for the hexagon.",
    ),
)
TWO_ARE_BETTER = (
    Finding(
        ("relu", 0.3),
        "At 1 − S = 0.3 half of the runs end with three collapsed pairs, as the paper's caption "
        "has it, and half with two, which have a loss 3.6 % lower. It is the same after 10,000 "
        "steps and with the published notebook's recipe. Three are better from 0.4 on; at 0.35 "
        "two are, by 1.5 %.",
    ),
)
ONE_SHORT = (
    Finding(
        ("relu", 0.7295),
        "Where superposition sets in, the last features share a dimension and none of them is "
        "full: at 1 − S = 0.73 features 19 to 21 have lengths of about 0.94, 0.90 and 0.79, on "
        "both sides of the 0.9 from which on a feature counts. Of four runs with the notebook's "
        "settings one has 19 represented features and three have 20; ‖W‖², which counts features "
        "by parts, is 20.4 in all four, more than the 20.1 of the next denser model, and "
        "rises at every density. So it is the counting, not the model.",
        outside=Reading.TYPICAL,
    ),
)
SHORT_PAIRS = (
    Finding(
        None,
        "Where two equally important features share a dimension at 1 − S between 4/7 and 1, "
        "theory leaves one of them out. With all weights and biases free, the exact loss has a "
        "lower minimum: both stay, shorter than 1, on opposite sides and with positive biases. At "
        "1 − S = 0.7 that is W = (0.76, −0.76) and b = (0.33, 0.33), with a loss 2.5 % below that "
        "of leaving one out; at 0.65, 5 %; at 1 all ways of sharing are nearly as good, to 0.1 %. "
        "Training finds these. The extra feature, which is what the paper's figure shows, has a "
        "dimension of its own all the same.",
    ),
)
