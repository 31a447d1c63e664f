"""Figures of The Geometry of Superposition: features that differ or come in sets."""

from superposition.plotting.catalogue.record import Figure

FIGURES: dict[str, Figure] = {}
