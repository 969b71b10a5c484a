"""Logits of a window and what was taken -> curves of probabilities, and how far off those are."""
