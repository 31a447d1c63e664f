"""What experiments of ours showed about departures from the claims about robustness.

Each is about a curve as a whole; the cell is one that is always in it.
"""

from superposition.claims.records import Finding, Reading

_CURVE = ("relu", 1.0)

SHORT_ATTACKS = (
    Finding(
        _CURVE,
        "Outputs that a negative bias holds at zero do show no slope, but attacks of a tenth of "
        "the mean input are too short to wake them: at 1 − S = 0.01 they are 0.04 long, and biases "
        "are near −0.3. What they do is to add to errors that are there already, which have a "
        "slope. With attacks as long as the mean input, gradient ascent from the input does 0.46 "
        "of the paper's harm at 1 − S = 0.05, 0.35 at 0.02 and 0.42 at 0.01, and from a random "
        "point 0.81, 0.80 and 0.68. Without superposition it does none at all at any length, as "
        "every loss is at a minimum.",
        outside=Reading.TYPICAL,
    ),
)
SHALLOW_DIP = (
    Finding(
        _CURVE,
        "The dip is there, but shallow. On 32,768 samples vulnerability falls from 4.15 at "
        "1/(1 − S) = 2.6 to 4.04 at 3.3, by 2.7 %, in every run, before it rises to 20; under "
        "gradient ascent it falls from 5.06 to 4.69, by 7.3 %. The pairs are the same all the "
        "while. What gets rarer as features get sparser are samples in which both members of a "
        "pair are active: there the model errs already, and an attack that adds to an error of e "
        "costs 2 e more for each unit of its length.",
        outside=Reading.TYPICAL,
    ),
)
SHORTER = (
    Finding(
        ("relu", 0.3),
        "How long attacks must be depends on the density, and on what is counted. ‖W‖² counts "
        "features by parts, and all of them get shorter: at 1 − S = 0.3 it is down to one feature "
        "per dimension against attacks of 0.4, at 0.05 of 0.7. But of the 39 features that are "
        "left there at 0.4 (‖W_i‖ > 0.5) all but one still share a direction with others; the last "
        "of them are gone at 0.7, and at 0.05 there are 32 of 35 even at 0.9.",
        outside=Reading.TYPICAL,
    ),
)
