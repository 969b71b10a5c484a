"""The lists that were shown, kept for learning: sampled on the way, written by a thread of their own."""
