"""Grids of points: cut, computed, stored, resumed."""
