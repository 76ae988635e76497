"""Mean fields: working points, branches, linearisation, motion."""
