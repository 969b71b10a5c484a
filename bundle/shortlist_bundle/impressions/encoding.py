"""Impressions <-> the bytes they are kept as: JSON objects."""

from collections.abc import Sequence
from typing import Any

from shortlist_bundle.documents import JSON, Fields, read_document, write_document
from shortlist_bundle.impressions.impression import Asked, Brought, Impression

_WHERE = "impression"
_MOST = 2**63 - 1
_TEXTS = ("impression_id", "model", "version", "bundle_id", "placement", "policy")
_NUMBERS = ("moment", "as_of", "rate")
_OPTIONAL = ("propensities", "standard_errors")


def write_impression(impression: Impression) -> bytes:
    """Return the bytes of an impression.

    Raises:
        DocumentError: It holds what JSON cannot, such as NaN.
    """
    document: dict[str, JSON] = {name: getattr(impression, name) for name in (*_TEXTS, *_NUMBERS)}
    document |= {
        "dropped": impression.dropped,
        "item_ids": impression.item_ids,
        "scores": impression.scores,
        "sources": impression.sources,
        "source_ranks": impression.source_ranks,
        "context": impression.context,
    }
    document |= {name: getattr(impression, name) for name in _OPTIONAL if getattr(impression, name)}
    if impression.customer_id is not None:
        document["customer_id"] = impression.customer_id
    if impression.seed is not None:
        document["seed"] = impression.seed
    if impression.asked is not None:
        document["asked"] = _written(impression.asked)
    return write_document(document, _WHERE)


def read_impression(data: bytes) -> Impression:
    """Return the impression of such bytes.

    Raises:
        DocumentError: The bytes are no impression that this release knows.
    """
    found = Fields(read_document(data, _WHERE), _WHERE)
    values: dict[str, Any] = {name: found.text(name) for name in _TEXTS}
    values |= {name: found.number(name) for name in _NUMBERS}
    values |= {name: _numbers(found, name) for name in _OPTIONAL if found.has(name)}
    impression = Impression(
        **values,
        dropped=found.integer("dropped", 0, _MOST),
        item_ids=found.texts("item_ids"),
        scores=_numbers(found, "scores"),
        sources=found.texts("sources"),
        source_ranks=_ranks(found),
        context=_context(found),
        customer_id=found.text("customer_id") if found.has("customer_id") else None,
        seed=found.integer("seed", 0, 2 * _MOST + 1) if found.has("seed") else None,
        asked=_asked(Fields(found.mapping("asked"), f"{_WHERE}.asked")) if found.has("asked") else None,
    )
    found.end()
    return impression


def _numbers(found: Fields, name: str) -> tuple[float, ...]:
    values = found.list(name)
    numbers = tuple(float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool))
    if len(numbers) != len(values):
        raise found.wrong(name, "a list of numbers", values)
    return numbers


def _ranks(found: Fields) -> tuple[tuple[int, ...], ...]:
    rows = found.list("source_ranks")
    ranks = tuple(
        tuple(one for one in row if isinstance(one, int) and not isinstance(one, bool))
        for row in rows
        if isinstance(row, Sequence) and not isinstance(row, str)
    )
    if [len(one) for one in ranks] != [len(row) for row in rows if isinstance(row, Sequence)] or len(ranks) != len(
        rows
    ):
        raise found.wrong("source_ranks", "lists of whole numbers", rows)
    return ranks


def _context(found: Fields) -> dict[str, Any]:
    context = dict(found.mapping("context"))
    for name, value in context.items():
        if not isinstance(value, str | int | float | bool):
            raise found.wrong(f"context.{name}", "a text, a number or a flag", value)
    return context


def _written(asked: Asked) -> dict[str, JSON]:
    """Return what differs from the defaults."""
    document: dict[str, JSON] = {"position": asked.position, "seen_allowed": asked.seen_allowed, "named": asked.named}
    if asked.features:
        document["features"] = asked.features
    if asked.history:
        document["history"] = [list(event) for event in asked.history]
    return document


def _asked(found: Fields) -> Asked:
    asked = Asked(
        position=found.integer("position", 0, _MOST),
        seen_allowed=found.flag("seen_allowed"),
        named=found.flag("named"),
        features=_features(found) if found.has("features") else {},
        history=tuple(_brought(found, event) for event in found.list("history")) if found.has("history") else (),
    )
    found.end()
    return asked


def _features(found: Fields) -> dict[str, Any]:
    features = dict(found.mapping("features"))
    for name, value in features.items():
        if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
            features[name] = value if isinstance(value, str) else tuple(value)
        elif not isinstance(value, int | float | bool):
            raise found.wrong(f"features.{name}", "a text, a number, a flag or texts", value)
    return features


def _brought(found: Fields, event: JSON) -> Brought:
    match event:
        case [str(item_id), None | int() | float() as timestamp, int() | float() as value]:
            return Brought(item_id, None if timestamp is None else float(timestamp), float(value))
    raise found.wrong("history", "events of an item, a time or none, and a value", event)
