"""What the ablations of one task and seed are called on disk."""

KIND = "ablations"
FULL, SOURCES = "full", "sources"
"""Figures beside those of the variants: of the scorer that has everything, and of what there was to be ordered."""
DEPTHS = (10, 20, 50, 100, 200)
UNION = "all sources together"
"""Of each source the best so many, and of all of them; they are in the names of the columns of SOURCES."""
