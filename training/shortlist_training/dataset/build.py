"""Log -> dataset."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names
from shortlist_bundle.availability import Availability
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.catalogue import availability_of, items_table
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.dataset.order import ALONE, Order, order_by_time
from shortlist_training.errors import ConfigError
from shortlist_training.features.extend import extend_features
from shortlist_training.features.fit import fit_features
from shortlist_training.features.table import encode_table
from shortlist_training.log.id_codes import IdCodes
from shortlist_training.log.log import Log
from shortlist_training.suggestion import did_you_mean

_BESIDE = (names.VALUE, names.RATING, names.ORDER_ID)
"""What may tell two rows of the same customer and item apart."""


def build_dataset(
    log: Log, *, seed: int = 0, context: Sequence[str] = (), before: Mapping[str, FeatureSpec] = MappingProxyType({})
) -> Dataset:
    """Give every customer and item a row, sort the events, and encode the features.

    Args:
        log: the tables as read.
        seed: for the shuffle that stands in for an order in a log without times.
        context: columns of the interactions to encode beside the events.
        before: table -> how its features were encoded before; they are encoded so again, and what is new behind that.

    Raises:
        ConfigError: The log has no such column of context.
        FeatureError: A table lacks a column that was encoded before.
    """
    customers = _vocabulary(log.interactions, log.customers, names.CUSTOMER_ID)
    items = _vocabulary(log.interactions, log.items, names.ITEM_ID)
    customer_features = _features(log, names.CUSTOMERS, customers, before)
    item_features = _features(log, names.ITEMS, items, before)
    events, ratings, steps = build_events(log, customers, items, seed)
    context_encoder, context_features = (
        _context(log, customers, items, seed, context, before) if context else (None, None)
    )
    return Dataset(
        customers=customers,
        items=items,
        events=events,
        ratings=ratings,
        steps=steps,
        has_times=names.TIMESTAMP in log.interactions.columns,
        repeats=log.repeats,
        customer_encoder=customer_features[0],
        item_encoder=item_features[0],
        customer_features=customer_features[1],
        item_features=item_features[1],
        context_encoder=context_encoder,
        context_features=context_features,
        oneself=items.rows(customers.ids(range(len(customers)))) if log.people_to_people else None,
        availability=_availability(log, items),
    )


def _availability(log: Log, items: Vocabulary) -> Availability | None:
    found = availability_of(items_table(log, items))
    return found if found.limited and names.TIMESTAMP in log.interactions.columns else None


def _vocabulary(interactions: pl.DataFrame, table: pl.DataFrame | None, column: str) -> Vocabulary:
    ids = set(interactions[column].unique().to_list())
    if table is not None:
        ids.update(table[column].to_list())
    return Vocabulary(ids)


def _features(
    log: Log, table: str, vocabulary: Vocabulary, before: Mapping[str, FeatureSpec]
) -> tuple[FeatureEncoder, EncodedFeatures]:
    frame: pl.DataFrame | None = getattr(log, table)
    kinds: dict[str, ColumnKind] = {
        name: kind for name, kind in log.columns.get(table, {}).items() if name not in names.AVAILABILITY_COLUMNS
    }
    if frame is None:
        encoder = FeatureEncoder(fit_features(pl.DataFrame(), {}))
        return encoder, encoder.empty(len(vocabulary))
    id_column = names.ID_COLUMNS[table]
    # Left join onto the vocabulary: row 0 and ids that only the interactions know have every value missing.
    rows = pl.DataFrame({id_column: ["", *vocabulary.ids(range(1, len(vocabulary)))]})
    aligned = rows.join(frame, on=id_column, how="left", maintain_order="left")
    encoder = FeatureEncoder(_spec(table, frame, kinds, before))
    return encoder, encode_table(encoder, aligned)


def _spec(
    table: str, frame: pl.DataFrame, kinds: Mapping[str, ColumnKind], before: Mapping[str, FeatureSpec]
) -> FeatureSpec:
    return extend_features(before[table], frame) if table in before else fit_features(frame, kinds)


def build_events(
    log: Log, customers: Vocabulary, items: Vocabulary, seed: int
) -> tuple[Histories, NDArray[np.float32] | None, NDArray[np.int32]]:
    """Return every customer's events in order, their ratings, and their steps; see `Dataset`.

    Args:
        log: the tables as read.
        customers: may lack some of the log's customers, whose events then belong to row 0.
        items: may lack some of the log's items, which then are row 0.
        seed: for the shuffle that stands in for an order in a log without times.
    """
    frame = log.interactions
    owner = _rows(frame[names.CUSTOMER_ID], customers)
    item = _rows(frame[names.ITEM_ID], items)
    times, orders = _times(frame), _orders(frame)
    order = _order(frame, owner, item, times, orders, seed, customers=len(customers))
    rows = order.rows
    events = Histories(
        offsets=order.offsets,
        items=item[rows],
        times=times[rows],
        values=frame[names.VALUE].to_numpy().astype(np.float32, copy=False)[rows],
    )
    ratings = frame[names.RATING].to_numpy().astype(np.float32)[rows] if names.RATING in frame.columns else None
    return events, ratings, _steps(events, None if orders is None else orders[rows])


def _context(
    log: Log,
    customers: Vocabulary,
    items: Vocabulary,
    seed: int,
    columns: Sequence[str],
    before: Mapping[str, FeatureSpec],
) -> tuple[FeatureEncoder, EncodedFeatures]:
    """Return the encoder of the chosen columns of context, and every event's encoding, in the order of the events."""
    known = log.columns.get(names.INTERACTIONS, {})
    for name in columns:
        if name not in known:
            raise ConfigError(
                f"[two_tower] context: the log has no column of context '{name}'. {did_you_mean(name, known)}"
            )
    frame = log.interactions
    order = event_order(log, customers, items, seed)
    encoder = FeatureEncoder(_spec(names.INTERACTIONS, frame, {name: known[name] for name in columns}, before))
    return encoder, encode_table(encoder, frame.select(columns)[order])


def event_order(log: Log, customers: Vocabulary, items: Vocabulary, seed: int) -> NDArray[np.int64]:
    """Return the row of the log's interactions that each event of `build_events` came from, int64 [E].

    Args:
        log: as for `build_events`, and so are the others.
        customers: of the events.
        items: likewise.
        seed: for the shuffle.
    """
    frame = log.interactions
    owner, item = _rows(frame[names.CUSTOMER_ID], customers), _rows(frame[names.ITEM_ID], items)
    return _order(frame, owner, item, _times(frame), _orders(frame), seed, customers=len(customers)).rows


def _times(frame: pl.DataFrame) -> NDArray[np.float64]:
    if names.TIMESTAMP not in frame.columns:
        return np.zeros(len(frame), np.float64)
    return frame[names.TIMESTAMP].to_numpy().astype(np.float64, copy=False)


def _orders(frame: pl.DataFrame) -> NDArray[np.int64] | None:
    """Return a number for each row's order, `ALONE` where it has none; None in a log without orders."""
    if names.ORDER_ID not in frame.columns:
        return None
    named = frame[names.ORDER_ID].is_not_null().to_numpy()
    codes = IdCodes.of(frame[names.ORDER_ID].fill_null("")).codes
    return np.where(named, codes.astype(np.int64), ALONE)


def _order(
    frame: pl.DataFrame,
    owner: NDArray[np.int32],
    item: NDArray[np.int32],
    times: NDArray[np.float64],
    orders: NDArray[np.int64] | None,
    seed: int,
    *,
    customers: int,
) -> Order:
    """Return the rows of the log by customer and then time; equal timestamps keep the order of the file."""
    if names.TIMESTAMP in frame.columns:
        return order_by_time(owner, times, orders, customers=customers)
    rows = _shuffled(frame, owner, item, seed)
    return Order(rows, np.searchsorted(owner[rows], np.arange(customers + 1)).astype(np.int64))


def _shuffled(frame: pl.DataFrame, owner: NDArray[np.int32], item: NDArray[np.int32], seed: int) -> NDArray[np.int64]:
    """Shuffle each customer's events; rows are first sorted by all they say, so that the file's order is lost."""
    said = [frame[name].rank("dense").fill_null(0).to_numpy() for name in _BESIDE if name in frame.columns]
    order = np.lexsort((*said, item, owner))
    return order[np.lexsort((np.random.default_rng(seed).random(len(order)), owner[order]))]


def _rows(ids: pl.Series, vocabulary: Vocabulary) -> NDArray[np.int32]:
    coded = IdCodes.of(ids)
    return coded.translated(vocabulary.rows(coded.distinct.to_list()))


def _steps(events: Histories, orders: NDArray[np.int64] | None) -> NDArray[np.int32]:
    """Number the events that belong together: an order where there are orders, else every event by itself."""
    owners = events.owners
    if orders is None:
        return (np.arange(len(owners)) - events.offsets[owners]).astype(np.int32)
    new = np.ones(len(owners), np.bool_)
    new[1:] = (owners[1:] != owners[:-1]) | (orders[1:] != orders[:-1]) | (orders[1:] == ALONE)
    numbered = np.cumsum(new)
    first = numbered[np.minimum(events.offsets[owners], len(numbered) - 1)] if len(owners) else numbered
    return (numbered - first).astype(np.int32)
