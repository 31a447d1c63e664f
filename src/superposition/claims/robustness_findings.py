"""What experiments of ours showed about departures from the claims about robustness."""

from superposition.claims.records import Finding

SHALLOW_DIP = (Finding(("relu", 1.0), "TODO"),)
