"""The requests that are asked, as bytes: they are made before the clock starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shortlist.v1 import customer_pb2, policy_pb2, recommend_pb2
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ValuesFit
from shortlist_bundle.files import open_bundle
from shortlist_bundle.model import Model
from shortlist_bundle.packing import unpack_model

DIFFERENT = 1_000
"""Requests that differ; a caller asks them again and again in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a customer is named, how long the list is, and who proposes.

    Attributes:
        k: length of the list.
        source: the only source that proposes; empty: all of the bundle's.
        known: whether the customer's id is sent, so that the server has the history; else a profile of features.
    """

    k: int = 50
    source: str = ""
    known: bool = True


def read_model(bundles: Path) -> Model:
    """Return the bundle that would be served."""
    return unpack_model(open_bundle(bundles))


def requests_of(model: Model, question: Question, *, count: int = DIFFERENT, seed: int = 0) -> Sequence[bytes]:
    """Return requests of different customers."""
    random = np.random.default_rng(seed)
    rows = 1 + random.permutation(len(model.customers) - 1)[:count]
    return [_request(model, question, int(row)).SerializeToString() for row in rows]


def batches_of(model: Model, question: Question, size: int, *, seed: int = 0) -> Sequence[bytes]:
    """Return requests of `size` different customers each."""
    random = np.random.default_rng(seed)
    rows = 1 + random.permutation(len(model.customers) - 1)
    batches = [rows[start : start + size] for start in range(0, min(len(rows), 8 * size) - size + 1, size)] or [rows]
    return [_batch(model, question, batch.tolist()).SerializeToString() for batch in batches]


def _request(model: Model, question: Question, row: int) -> recommend_pb2.RecommendRequest:
    customer = _customer(model, question, row)
    profile = customer.profile if customer.HasField("profile") else None
    return recommend_pb2.RecommendRequest(
        customer_id=customer.customer_id, profile=profile, k=question.k, sources=_sources(question)
    )


def _batch(model: Model, question: Question, rows: Sequence[int]) -> recommend_pb2.BatchRecommendRequest:
    customers = [_customer(model, question, row) for row in rows]
    return recommend_pb2.BatchRecommendRequest(customers=customers, k=question.k, sources=_sources(question))


def _sources(question: Question) -> list[policy_pb2.SourceWeight]:
    return [policy_pb2.SourceWeight(source=question.source, weight=1.0)] if question.source else []


def _customer(model: Model, question: Question, row: int) -> customer_pb2.Customer:
    """Name a known customer, or give a profile of drawn features for somebody of whom the server has no history."""
    if question.known:
        return customer_pb2.Customer(customer_id=model.customers.id(row))
    profile = customer_pb2.Profile()
    for column in model.customer_encoder.spec.columns:
        if column.kind is ColumnKind.NUMBER:
            profile.features[column.name].number = (row * 37 % 100) / 50 - 1
        elif isinstance(column.fit, ValuesFit):
            profile.features[column.name].text = column.fit.values[row % len(column.fit.values)]
    return customer_pb2.Customer(profile=profile)
