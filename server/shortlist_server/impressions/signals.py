"""What the scorer read of the items of a list that was shown, worked out anew from bundle, log and impression."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np

from shortlist_bundle.changes.change import CustomerForgotten
from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_bundle.impressions.impression import Asked, Brought, Impression
from shortlist_bundle.impressions.reading import read_impressions
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_bundle.merge import Candidates
from shortlist_bundle.model import Model
from shortlist_bundle.towers.layers import Float
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.reply import ClockUsed
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest
from shortlist_server.pipeline.resolve import customer_batch, resolve

OLDER, RATED, FORGOTTEN, NO_BUNDLE = "older_release", "no_scorer", "forgotten", "no_bundle"
"""Why nothing is known of a list: kept by a release that did not say what from; of a bundle without a scorer; of a
customer who asked to be forgotten; or its bundle is there no longer."""
Load = Callable[[str, str], Pipeline]
"""Model and version -> its pipeline, as `Pipeline.load`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSignals:
    """The signals of one list.

    Attributes:
        impression: the list.
        names: of the signals, see `SignalSpec.names`; none where they are not known.
        signals: float32 [k, S], as the scorer read them, before they were standardised.
        problem: why they are not known; empty where they are.
    """

    impression: Impression
    names: Sequence[str] = ()
    signals: Float
    problem: str = ""


def shown_signals(folder: Path, load: Load) -> Iterator[ShownSignals]:
    """Yield the signals of every list that a log keeps, bundle by bundle, each in the order of the log's positions.

    Raises:
        StorageError: The log cannot be read.
        DocumentError: A record is of a newer release.
        BundleError: A bundle is damaged.
    """
    with closing(Reader(folder)) as reader:
        forgotten = _forgotten(reader)
        every = sorted(read_impressions(folder), key=_order)
        for (model, version, bundle_id), shown in groupby(every, key=attrgetter("model", "version", "bundle_id")):
            pipeline = _loaded(load, model, version, bundle_id)
            if pipeline is None:
                yield from (_nothing(one, NO_BUNDLE) for one in shown)
            else:
                yield from _of_bundle(pipeline.served, shown, reader, forgotten)


def signals_of(model: Model, impression: Impression, asked: Asked) -> Float:
    """Return what the scorer read of the items of a list, float32 [k, S].

    Args:
        model: the list's bundle at the list's position.
        impression: the list.
        asked: from what.
    """
    if model.engine is None:
        raise ValueError("a bundle without an engine has no signals")
    request = RecommendRequest(
        customer_id=impression.customer_id,
        profile=Profile(features=asked.features, history=[_event(event) for event in asked.history]),
        as_of=impression.as_of,
        context=impression.context,
    )
    resolved = resolve(model, request, ClockPolicy.LIVE)
    if not asked.named:
        resolved = replace(resolved, clock=ClockUsed.LIVE)
    retriever = model.engine.retriever
    encoded = retriever.encode(customer_batch(model, [resolved]))
    items = model.items.rows(impression.item_ids).astype(np.int32)[None]
    candidates = Candidates(items=items, ranks=_ranks(impression, retriever.signals.sources)[None])
    return retriever.pair_signals(encoded, candidates, np.array([asked.seen_allowed]))[0]


def _of_bundle(
    base: Model, shown: Iterable[Impression], reader: Reader, forgotten: Mapping[str, int]
) -> Iterator[ShownSignals]:
    updater = ModelUpdater(base)
    for impression in shown:
        asked = impression.asked
        if asked is None or base.engine is None:
            yield _nothing(impression, OLDER if asked is None else RATED)
        elif impression.customer_id is not None and forgotten.get(impression.customer_id, START) > asked.position:
            # The log no longer says what they had taken.
            yield _nothing(impression, FORGOTTEN)
        else:
            for position, change in read_all(reader, updater.position, asked.position):
                updater.apply(position, change)
            signals = signals_of(updater.model(), impression, asked)
            yield ShownSignals(impression=impression, names=base.engine.retriever.signals.names, signals=signals)


def _forgotten(reader: Reader) -> dict[str, int]:
    """Return where in the log customers asked to be forgotten last."""
    changes = read_all(reader, START, reader.newest())
    return {change.customer_id: position for position, change in changes if isinstance(change, CustomerForgotten)}


def _order(impression: Impression) -> tuple[str, str, str, int]:
    position = impression.asked.position if impression.asked else START
    return impression.model, impression.version, impression.bundle_id, position


def _loaded(load: Load, model: str, version: str, bundle_id: str) -> Pipeline | None:
    from shortlist_bundle.errors import BundleNotFound

    try:
        pipeline = load(model, version)
    except BundleNotFound:
        return None
    return pipeline if pipeline.bundle_id == bundle_id else None


def _nothing(impression: Impression, problem: str) -> ShownSignals:
    empty = np.zeros((len(impression.item_ids), 0), np.float32)
    return ShownSignals(impression=impression, signals=empty, problem=problem)


def _event(event: Brought) -> Event:
    return Event(item_id=event.item_id, timestamp=event.timestamp, value=event.value)


def _ranks(impression: Impression, sources: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Return each source's rank of each item, int16 [k, S], -1 where it did not propose it."""
    ranks = np.full((len(impression.item_ids), len(sources)), -1, np.int16)
    known = np.array(impression.source_ranks, np.int16).reshape(len(impression.item_ids), -1)
    for place, name in enumerate(impression.sources):
        if name in sources and known.shape[1] > place:
            ranks[:, sources.index(name)] = known[:, place]
    return ranks
