"""Conditions on the attributes of items, and the masks they become."""
