"""Numbers that are eight points at once."""
