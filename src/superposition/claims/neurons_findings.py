"""What experiments of ours showed about departures from the claims about neurons."""

from superposition.claims.records import Finding, Reading

FEWER_FEATURES = (
    Finding(
        ("relu_hidden", 0.04),
        "PENDING",
    ),
)
ALIGNED_IF_FEW = (
    Finding(
        ("relu_hidden", 0.05),
        "PENDING",
        outside=Reading.TYPICAL,
    ),
)
NOT_ALWAYS_ON = (
    Finding(
        ("relu_hidden_biased", 0.05),
        "PENDING",
        outside=Reading.TYPICAL,
    ),
)
