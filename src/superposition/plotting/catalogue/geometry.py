"""Figures of The Geometry of Superposition: uniform superposition."""

from superposition.plotting.catalogue.record import Figure

FIGURES: dict[str, Figure] = {}
