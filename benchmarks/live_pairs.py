"""What it costs that co-occurrence moves with the events: an event, a new state, and an answer.

`python benchmarks/live_pairs.py BUNDLES` takes a bundle with the sources `sequence` and `item_cf`, lets customers of it
take drawn items, and asks for lists of 50 from four states: the bundle alone; with one event, of an item that hardly
anybody's list has to do with; with 2,000 events; and with 20,000. Pairs are taken away from the last two again as a
comparison, so that what other people's events change beside is in both. Times are processor time of one thread, the
least of several rounds in turn.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.files import open_bundle
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_bundle.model import Model
from shortlist_bundle.packing import unpack_model
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.source import Source
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest

ASKED, LENGTH, ROUNDS, PORTION = 200, 50, 7, 20


def without_pairs(model: Model) -> Model:
    """Return the model with its sources as the bundle has them."""

    def plain(source: Source) -> Source:
        if isinstance(source, Newest):
            return replace(source, since=None)
        if isinstance(source, ItemCf):
            return ItemCf(indptr=source.indptr, neighbours=source.neighbours, weights=source.weights, mix=source.mix)
        return source

    engine = model.engine
    counting = {name: plain(source) for name, source in engine.retriever.counting.items()}
    retriever = replace(engine.retriever, counting=counting)
    return replace(model, engine=type(engine)(retriever, engine.reranker, depths=engine.depths))


def events_of(model: Model, count: int, *, takers: int) -> list[EventRecorded]:
    """Draw events by popularity, of customers who are not asked about."""
    random = np.random.default_rng(0)
    taken = np.bincount(model.snapshot.events.items, minlength=len(model.items)).astype(float)
    taken[0] = 0
    items = random.choice(len(taken), size=count, p=taken / taken.sum())
    return [
        EventRecorded(
            event_id=str(n), customer_id=f"drawn-{random.integers(takers)}", item_id=model.items.id(int(item)),
            timestamp=model.clock.log_end + n,
        )
        for n, item in enumerate(items)
    ]  # fmt: skip


def moved(model: Model, events: list[EventRecorded]) -> tuple[Model, float, float]:
    """Return the model behind the events, and microseconds of an event and of a state after a portion."""
    updater, events_us, states_us, states = ModelUpdater(model), 0.0, 0.0, 0
    for start in range(0, len(events), PORTION):
        begun = time.thread_time()
        for position, event in enumerate(events[start : start + PORTION], start=start + 1):
            updater.apply(position, event)
        between = time.thread_time()
        updater.model()
        states_us += 1e6 * (time.thread_time() - between)
        events_us += 1e6 * (between - begun)
        states += 1
    return updater.model(), events_us / len(events), states_us / states


def asking(model: Model) -> Callable[[], float]:
    """Return what asks for the lists of some customers and tells the milliseconds of one."""
    pipeline = Pipeline(model, name="m", version="v", bundle_id="b", clock=ClockPolicy.LOG_END)
    rows = np.linspace(1, len(model.customers) - 1, ASKED).astype(int)
    requests = [RecommendRequest(customer_id=model.customers.id(int(row)), k=LENGTH) for row in rows]

    def ask() -> float:
        begun = time.thread_time()
        for request in requests:
            pipeline.recommend([request])
        return 1000 * (time.thread_time() - begun) / len(requests)

    return ask


def least(states: Mapping[str, Model]) -> dict[str, float]:
    """Return the least milliseconds of an answer from each state, asked in turns."""
    asks = {name: asking(model) for name, model in states.items()}
    found = dict.fromkeys(asks, np.inf)
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            found[name] = min(found[name], ask())
    return found


def main(bundles: str) -> None:
    base = unpack_model(open_bundle(Path(bundles), "default", "stable"))
    moved(base, events_of(base, 200, takers=10))
    states = {"the bundle alone": base}
    for count in (1, 2_000, 20_000):
        model, event, state = moved(base, events_of(base, count, takers=max(count // 20, 1)))
        print(f"{count} events: {event:.1f} us an event, {state:.0f} us a new state after {PORTION} events")
        states[f"{count} events"] = model
        states[f"{count} events, without their pairs"] = without_pairs(model)
    for name, milliseconds in least(states).items():
        print(f"{name}: {milliseconds:.3f} ms a list")


if __name__ == "__main__":
    main(sys.argv[1])
