"""A bundle that moves with the log of changes: the model as it is at each position."""
