"""Log -> dataset."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle import columns as names
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.features.fit import fit_features
from shortlist_training.features.table import encode_table
from shortlist_training.log.log import Log


def build_dataset(log: Log, *, seed: int = 0) -> Dataset:
    """Give every customer and item a row, sort the events, and encode the features.

    Args:
        log: the tables as read.
        seed: for the shuffle that stands in for an order in a log without times.
    """
    customers = _vocabulary(log.interactions, log.customers, names.CUSTOMER_ID)
    items = _vocabulary(log.interactions, log.items, names.ITEM_ID)
    customer_features = _features(log, names.CUSTOMERS, customers)
    item_features = _features(log, names.ITEMS, items)
    events, ratings, steps = build_events(log, customers, items, seed)
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
    )


def _vocabulary(interactions: pl.DataFrame, table: pl.DataFrame | None, column: str) -> Vocabulary:
    ids = set(interactions[column].unique().to_list())
    if table is not None:
        ids.update(table[column].to_list())
    return Vocabulary(ids)


def _features(log: Log, table: str, vocabulary: Vocabulary) -> tuple[FeatureEncoder, EncodedFeatures]:
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
    encoder = FeatureEncoder(fit_features(frame, kinds))
    return encoder, encode_table(encoder, aligned)


def build_events(
    log: Log, customers: Vocabulary, items: Vocabulary, seed: int
) -> tuple[Histories, NDArray[np.float32] | None, NDArray[np.int32]]:
    frame = log.interactions
    owner = _rows(frame[names.CUSTOMER_ID], customers)
    item = _rows(frame[names.ITEM_ID], items)
    has_times = names.TIMESTAMP in frame.columns
    if has_times:
        times = frame[names.TIMESTAMP].to_numpy().astype(np.float64)
        # Equal timestamps keep the order of the file: lexsort is stable.
        order = np.lexsort((times, owner))
    else:
        times = np.zeros(len(frame), np.float64)
        # Sorted by item first, so that the shuffle does not depend on the order of rows either.
        order = np.lexsort((item, owner))
        order = order[np.lexsort((np.random.default_rng(seed).random(len(order)), owner[order]))]
    offsets = np.searchsorted(owner[order], np.arange(len(customers) + 1)).astype(np.int64)
    events = Histories(
        offsets=offsets,
        items=item[order],
        times=times[order],
        values=frame[names.VALUE].to_numpy().astype(np.float32)[order],
    )
    ratings = frame[names.RATING].to_numpy().astype(np.float32)[order] if names.RATING in frame.columns else None
    return events, ratings, _steps(frame, events, owner[order], order)


def _rows(ids: pl.Series, vocabulary: Vocabulary) -> NDArray[np.int32]:
    distinct = ids.unique(maintain_order=False)
    rows = pl.DataFrame({"id": distinct, "row": pl.Series(vocabulary.rows(distinct.to_list()))})
    return pl.DataFrame({"id": ids}).join(rows, on="id", how="left", maintain_order="left")["row"].to_numpy()


def _steps(
    frame: pl.DataFrame, events: Histories, owner: NDArray[np.integer], order: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Number the events that belong together: an order where there are orders, else every event by itself."""
    new = np.ones(len(owner), np.bool_)
    if names.ORDER_ID in frame.columns:
        together = frame[names.ORDER_ID].fill_null("").to_physical().rank("dense").to_numpy()[order]
        named = frame[names.ORDER_ID].is_not_null().to_numpy()[order]
        new[1:] = (owner[1:] != owner[:-1]) | (together[1:] != together[:-1]) | ~named[1:]
    numbered = np.cumsum(new)
    first = numbered[np.minimum(events.offsets[owner], len(numbered) - 1)] if len(owner) else numbered
    return (numbered - first).astype(np.int32)
