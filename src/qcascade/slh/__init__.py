"""Ladder operators, components, wires, networks: the algebra of (S, L, H)."""
