"""The source that knows nothing of the customer but what they say: its place beside the others, and alone."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Attribute, ListAttribute, NumberAttribute, TextAttribute, Value
from shortlist_bundle.errors import FeatureError
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.knowledge.degrees import met
from shortlist_bundle.knowledge.utility import NAME, Knowledge, taken
from shortlist_bundle.model import Model
from shortlist_server.errors import InvalidRequest, UnknownAttribute
from shortlist_server.pipeline.needs import Needs, WishMet
from shortlist_server.pipeline.request import RecommendRequest


def knowledge_of(model: Model) -> Knowledge:
    """Return the knowledge source of a bundle; among equals the more often taken item comes first."""
    if model.engine is None:
        return Knowledge(model.catalogue)
    order = np.argsort(-model.engine.retriever.counts.before(np.array([-1]))[0], kind="stable")
    standing = np.empty(len(order), np.int32)
    standing[order] = np.arange(len(order), dtype=np.int32)
    return Knowledge(model.catalogue, standing)


def check_needs(knowledge: Knowledge, request: RecommendRequest) -> None:
    """Check that every wish can be meant for its attribute, and that the source is asked for only with needs.

    Raises:
        UnknownAttribute, InvalidRequest: The path is that of the wish, or `sources`.
    """
    if request.needs is None:
        if NAME in request.sources or NAME in request.source_quotas:
            raise InvalidRequest.at("sources", f"{NAME!r} needs the request's `needs`: a must or a wish")
        return
    for row, wish in enumerate(request.needs.wishes):
        if wish.attribute not in knowledge.catalogue.attributes:
            raise UnknownAttribute(f"needs.wishes[{row}].attribute", wish.attribute)
        try:
            knowledge.check(wish)
        except FeatureError as error:
            raise InvalidRequest.at(f"needs.wishes[{row}]", str(error)) from None


def source_names(model: Model, *, stated: bool) -> tuple[str, ...]:
    """Return the names of the sources in the order of the reply's bits; `stated`: if stated needs propose or order."""
    own = tuple(model.engine.retriever.signals.sources) if model.engine else ()
    return (*own, NAME) if stated else own


def wishes_met(knowledge: Knowledge, needs: Needs, items: NDArray[np.integer]) -> list[list[WishMet]]:
    """Return for each item, by row, how far it meets each wish."""
    told: list[list[WishMet]] = [[] for _ in items]
    for row, wish in enumerate(needs.wishes):
        degrees = knowledge.degrees(wish, items)
        values = values_of(knowledge.catalogue.attributes[wish.attribute], items)
        for item, degree, is_met, value in zip(told, degrees, met(wish.aim, degrees), values, strict=True):
            item.append(
                WishMet(wish=row, attribute=wish.attribute, met=bool(is_met), degree=float(degree), value=value)
            )
    return told


def values_of(attribute: Attribute, items: NDArray[np.integer]) -> Sequence[Value | Sequence[str] | None]:
    """Return what items have of an attribute, None where it is not known."""
    own = taken(attribute, items)
    if isinstance(own, NumberAttribute):
        kind = bool if own.kind is ColumnKind.FLAG else float
        return [None if np.isnan(value) else kind(value) for value in own.values]
    if isinstance(own, TextAttribute):
        return [own.values.id(code) if code else None for code in own.codes.tolist()]
    if isinstance(own, ListAttribute):
        return [own.values.ids(own.codes[start:stop]) for start, stop in pairwise(own.offsets)]
    raise TypeError(f"an attribute of an unknown kind: {type(own).__name__}")
