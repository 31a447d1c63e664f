"""What experiments of ours showed about departures from the claims about computation."""

from superposition.claims.records import Finding, Reading

NOT_MANY = (
    Finding(
        ("absolute", 0.01),
        "At 1 − S = 0.01 a mixture of both kinds is the better solution, but training from random "
        "weights does not find it. Started from two neurons for each of the twenty most important "
        "features, with noise of 0.02 on all weights, a network ends with 22 monosemantic neurons "
        "and a loss of 1.07 × 10⁻⁶, that of the start being 1.91 × 10⁻⁶. Of seven networks from "
        "random weights, with five recipes, the best has 2.05 × 10⁻⁶ and no monosemantic neuron. "
        "Training four times as long at a rate of 0.003 brings 11 of them, but the outputs of two "
        "important features die, and the loss is 36 × 10⁻⁶.",
        outside=Reading.TYPICAL,
    ),
)
DEAD_OUTPUTS = (
    Finding(
        ("absolute", 0.001),
        "Outputs die: if the ReLU of an output is off both where its feature is positive and where "
        "it is negative, it never learns. At 1 − S = 0.003, from initial weights of variance "
        "2/(n + m), 54 % to 91 % of the loss of answering with the mean remains, at learning rates "
        "from 0.001 to 0.01, batches from 256 to 2048 and 3,000 or 10,000 steps. With weights a "
        "hundredth as large, batches of 4096 and a rate of 0.0005, the first twenty features are "
        "all learned, and 2 % remains. At 0.001 eight of the first twenty still die. There two "
        "neurons for each of twenty features, started from by hand, stay what they are, with a "
        "twelfth of the loss of the best network from random weights: at this end it is training, "
        "not the problem, that makes all neurons polysemantic.",
        outside=Reading.TYPICAL,
    ),
)
TWICE_THE_SAME = (
    Finding(
        ("absolute", 1.0),
        "At density 1 none of the recipes tried finds the plain solution: with the best of them a "
        "network computes 16 of the 20 features and has 2.8 times its loss, as some neurons do the "
        "same as others. Smaller initial weights are worse: with a fifth of ours 40 neurons "
        "compute 10 features. At 1 − S = 0.3, 19 or 20 are found.",
        outside=Reading.TYPICAL,
    ),
)
