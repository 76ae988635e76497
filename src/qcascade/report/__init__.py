"""The report of all papers: claims, figures, verdicts."""
