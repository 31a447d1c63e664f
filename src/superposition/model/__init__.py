"""Networks as arrays, in memory and on disk, and their forward pass."""
