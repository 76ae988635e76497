"""Entanglement and the rest, of Gaussian states and of density matrices."""
