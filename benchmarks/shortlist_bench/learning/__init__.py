"""A shop of simulated customers, in which the whole loop runs: serve, record, update, retrain, promote."""
