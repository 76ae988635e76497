"""Quantum jumps: trajectories and what they average to."""
