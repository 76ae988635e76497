"""Spaces, charges, cutoffs, density matrices, Fock pictures of Gaussian states."""
