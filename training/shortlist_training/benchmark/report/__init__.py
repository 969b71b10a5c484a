"""The report of a benchmark: a document, and what people read of it."""
