"""Teach the scorer on the retriever's own candidates."""
