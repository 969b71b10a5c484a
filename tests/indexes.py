"""Vectors with an index over them, as the exporter builds it, of a kind that a test chooses."""

from shortlist_training.stages.index_building import Built
from shortlist_training.stages.index_candidates import IndexCandidate


def indexed(vectors, factory, *, probes=1, spare=1.25):
    return Built(vectors).items(IndexCandidate(factory=factory, probes=probes, spare=spare, nanoseconds=0.0))
