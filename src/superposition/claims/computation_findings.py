"""What experiments of ours showed about departures from the claims about computation."""

from superposition.claims.records import Finding, Reading

NOT_MANY = (
    Finding(
        ("absolute", 0.01),
        "Which neurons are monosemantic depends on the recipe. Adam makes steps equally large for "
        "all features; only with an ε of about their gradients, 3 × 10⁻⁶, are more important "
        "features learned first, and eight networks end with 3 to 9 monosemantic neurons; the "
        "lowest loss is 2.15 × 10⁻⁶, but in five of them an important output died, and theirs is "
        "10 to 29 × 10⁻⁶. With ε = 10⁻⁸ eleven networks of five recipes have none, and losses "
        "from 2.05 × 10⁻⁶ on; training four times as long at a rate of 0.003 brings 11, but two "
        "important outputs die, and the loss is 36 × 10⁻⁶. Started from two neurons for each of "
        "the twenty most important features, a network ends with 22 and 1.07 × 10⁻⁶.",
        outside=Reading.TYPICAL,
    ),
)
NONE_LEFT = (
    Finding(
        ("absolute", 0.003),
        "The recipe that leads to both kinds of neurons at 1 − S = 0.01, an ε of Adam as large as "
        "gradients are, lets outputs die at 0.003: of the first twenty features 17 to 19 are lost "
        "in four networks with ε of 10⁻⁶ and 10⁻⁷, smaller initial weights and lower rates. Up to "
        "8 of their neurons are monosemantic.",
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
