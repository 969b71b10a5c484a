"""Measurements beside the product: scripts, and the peers that it is compared with."""
