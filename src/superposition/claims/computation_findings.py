"""What experiments of ours showed about departures from the claims about computation."""

from superposition.claims.records import Finding, Reading

NOT_MANY = (
    Finding(
        ("absolute", 0.01),
        "PENDING",
        outside=Reading.TYPICAL,
    ),
)
DEAD_OUTPUTS = (
    Finding(
        ("absolute", 0.001),
        "PENDING",
        outside=Reading.TYPICAL,
    ),
)
