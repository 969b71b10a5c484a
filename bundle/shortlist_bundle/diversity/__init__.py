"""Rerankers that pick a varied list from scored candidates: a protocol, and one file for each method."""
