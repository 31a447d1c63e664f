"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte."""

__version__ = "0.1.0"
