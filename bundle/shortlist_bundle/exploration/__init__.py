"""Trying items out on purpose: policies that draw some places of a list, and say with which probability."""
