"""Network files: TOML in, and what a file may ask for."""
