"""What Python hands to compiled code, as named tuples of arrays and numbers; free of numba."""
