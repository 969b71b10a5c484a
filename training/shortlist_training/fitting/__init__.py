"""Fitting the models: examples out of histories, rounds with early stopping, progress."""
