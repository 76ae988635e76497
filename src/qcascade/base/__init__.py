"""Checks and their sentences, names, units, conventions, files, threads."""
