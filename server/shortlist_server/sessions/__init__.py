"""Sessions: what a customer does in one, and how many may be open, idle and old."""
