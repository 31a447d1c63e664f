"""Figures of Mathematical Understanding."""

from superposition.plotting.catalogue.record import Figure

FIGURES: dict[str, Figure] = {}
