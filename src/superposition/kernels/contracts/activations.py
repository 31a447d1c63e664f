"""Activations and targets of the model table, by the numbers that compiled code has for them."""

IDENTITY, RELU, ABSOLUTE, GELU, TANH = 0, 1, 2, 3, 4

CODES = {"identity": IDENTITY, "relu": RELU, "absolute": ABSOLUTE, "gelu": GELU, "tanh": TANH}
