"""Figures and diagrams in one style."""
