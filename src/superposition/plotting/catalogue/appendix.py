"""Figures of the appendix."""

FIGURES = {}
