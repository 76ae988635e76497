"""Linear algebra that belongs to no physics: two floats for one number, exponentials, graphs."""
