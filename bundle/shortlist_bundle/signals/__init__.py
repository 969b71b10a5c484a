"""Features of a (customer, candidate) pair, for the scorer."""
