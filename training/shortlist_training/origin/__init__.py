"""The bundle that a training goes on from: what it knows, carried over to a log that has grown."""
