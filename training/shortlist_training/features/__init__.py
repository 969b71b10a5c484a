"""Learning a feature encoding from a table, and encoding whole tables with it."""
