"""Figures of Superposition as a Phase Change."""

from superposition.plotting.catalogue.record import Figure

FIGURES: dict[str, Figure] = {}
