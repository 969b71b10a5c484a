"""What a caller asks to be changed: looked at row by row, then written to the log; and an item as it is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shortlist_bundle.changes.change import (
    Change,
    CustomerDescribed,
    CustomerForgotten,
    ItemDeleted,
    ItemUpserted,
    Value,
)
from shortlist_bundle.changes.log import Position
from shortlist_bundle.errors import FeatureError
from shortlist_bundle.live.columns import kind_of, read_value
from shortlist_bundle.model import Model
from shortlist_server.errors import CatalogueFull, InvalidRequest, PipelineError, UnknownItem
from shortlist_server.pipeline.knowledge import values_of
from shortlist_server.pipeline.protocol import PipelineProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of a request for changes.

    Attributes:
        stored: how many rows were stored, or taken out.
        errors: row of the request -> why it was refused.
        unknown: rows that name what nobody knows.
        unknown_attributes: columns that the models do not read, sorted.
        position: of the log after the changes.
    """

    stored: int
    position: Position
    errors: Mapping[int, PipelineError]
    unknown: int = 0
    unknown_attributes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """An item as it is known.

    Attributes:
        item: what is known of it.
        live: whether that was said after training.
    """

    item: ItemUpserted
    live: bool


def upsert_items(pipeline: PipelineProtocol, model: Model, items: Mapping[int, ItemUpserted]) -> Changed:
    """Store the items that can be, by row of the request."""
    errors: dict[int, PipelineError] = {}
    left = model.live_items.left if model.live_items else None
    kept: list[Change] = []
    for row, item in items.items():
        try:
            _check_item(model, item)
            if left is not None and not model.items.row(item.item_id):
                left -= 1
                if left < 0:
                    raise CatalogueFull()
        except PipelineError as error:
            errors[row] = error
        else:
            kept.append(item)
    names = {name for item in items.values() for name in item.attributes}
    unknown = sorted(names - {column.name for column in model.item_encoder.spec.columns})
    return _recorded(pipeline, kept, errors, unknown_attributes=unknown)


def delete_items(pipeline: PipelineProtocol, model: Model, item_ids: Sequence[str]) -> Changed:
    """Take items out of the catalogue."""
    known = [ItemDeleted(item_id=one) for one in dict.fromkeys(item_ids) if _there(model, one)]
    return _recorded(pipeline, known, {}, unknown=len(item_ids) - len(known))


def upsert_customers(pipeline: PipelineProtocol, model: Model, customers: Mapping[int, CustomerDescribed]) -> Changed:
    """Set features of the customers whose values can be held, by row of the request."""
    errors: dict[int, PipelineError] = {}
    kept: list[Change] = []
    for row, customer in customers.items():
        try:
            model.customer_encoder.encode({name: [value] for name, value in customer.features.items()}, 1)
            kept.append(customer)
        except FeatureError as error:
            errors[row] = InvalidRequest.at(f"features[{error.column}]", str(error))
    names = {name: None for customer in customers.values() for name in customer.features}
    unknown = model.customer_encoder.unknown_columns(names)
    return _recorded(pipeline, kept, errors, unknown_attributes=unknown)


def delete_customers(pipeline: PipelineProtocol, model: Model, customer_ids: Sequence[str]) -> Changed:
    """Forget customers. Those of whom nobody knows anything are written down too: the log may know more than models."""
    every = list(dict.fromkeys(customer_ids))
    known = sum(model.customer_row(one) > 0 for one in every)
    found = _recorded(pipeline, [CustomerForgotten(customer_id=one) for one in every], {})
    return Changed(stored=known, unknown=len(customer_ids) - known, errors={}, position=found.position)


def known_item(model: Model, item_id: str) -> KnownItem:
    """Return an item as it is known.

    Raises:
        UnknownItem: It is not in the catalogue, or not any more.
    """
    if not _there(model, item_id):
        raise UnknownItem(item_id)
    said = model.live_items.upserted.get(item_id) if model.live_items else None
    if said is not None:
        return KnownItem(item=said, live=True)
    row = np.array([model.items.row(item_id)])
    catalogue = model.catalogue
    values = {name: _plain(values_of(attribute, row)[0]) for name, attribute in catalogue.attributes.items()}
    start, end = float(catalogue.available_from[row[0]]), float(catalogue.available_until[row[0]])
    attributes = {name: value for name, value in values.items() if value is not None and value != ()}
    item = ItemUpserted(
        item_id=item_id,
        attributes=attributes,
        available_from=None if np.isinf(start) else start,
        available_until=None if np.isinf(end) else end,
    )
    return KnownItem(item=item, live=False)


def _there(model: Model, item_id: str) -> bool:
    row = model.items.row(item_id)
    gone = model.catalogue.gone
    return row > 0 and not (gone is not None and gone[row])


def _check_item(model: Model, item: ItemUpserted) -> None:
    """Raise InvalidRequest for a value that its column cannot hold."""
    attributes = model.catalogue.attributes
    try:
        for name, value in item.attributes.items():
            read_value(name, attributes[name].kind if name in attributes else kind_of(value), value)
        model.item_encoder.encode({name: [value] for name, value in item.attributes.items()}, 1)
    except FeatureError as error:
        raise InvalidRequest.at(f"attributes[{error.column}]", str(error)) from None


def _plain(value: object) -> Value | None:
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]


def _recorded(
    pipeline: PipelineProtocol,
    changes: Sequence[Change],
    errors: Mapping[int, PipelineError],
    *,
    unknown: int = 0,
    unknown_attributes: Sequence[str] = (),
) -> Changed:
    # Also without a change, so that a server without a log says so, and a caller gets a position.
    position = pipeline.record(changes).position
    return Changed(
        stored=len(changes), position=position, errors=errors, unknown=unknown, unknown_attributes=unknown_attributes
    )
