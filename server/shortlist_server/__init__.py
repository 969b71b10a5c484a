"""Shortlist: see docs/architecture.md."""
