"""A V + V Aᵀ + D = 0, in batches and in large cascades."""
