"""The Gaussian model, its noise and its states."""
