"""Candidate sources: one file each, all answering with a `Scoreboard`."""
