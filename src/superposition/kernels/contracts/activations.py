"""Activations and targets of the model table, by the numbers that compiled code has for them."""

IDENTITY, RELU, ABSOLUTE = 0, 1, 2

CODES = {"identity": IDENTITY, "relu": RELU, "absolute": ABSOLUTE}
