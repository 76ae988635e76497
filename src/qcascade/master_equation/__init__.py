"""The Lindblad model in blocks: generator, steady states, evolution."""
