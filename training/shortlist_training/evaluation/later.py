"""Judge a bundle on what a log holds after the bundle's own log ended."""

import numpy as np

from shortlist_bundle.engine import Engine
from shortlist_bundle.model import Model
from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.build import build_events
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import DataError
from shortlist_training.evaluation.diversity.curve import DiversityReport
from shortlist_training.evaluation.diversity.judging import diversity_reports
from shortlist_training.evaluation.funnel import Funnel, funnels
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress
from shortlist_training.split.window import Window


def later_funnels(model: Model, log: Log, progress: Progress, *, since: float | None = None) -> list[Funnel]:
    """Return the funnels of a bundle on the events that came after its log's end.

    Args:
        model: the bundle in memory.
        log: a log with times; customers and items that the bundle does not know are left out, and counted.
        progress: where it is shown.
        since: epoch seconds where the window begins; None for the end of the bundle's own log. What came before is
            the customers' history.

    Raises:
        DataError: The bundle or the log has no times, or nothing in the log is newer than the bundle.
    """
    engine, dataset, window = _later_part(model, log, progress, since)
    return funnels(engine, dataset, window, model.clock, progress, seed=0)


def later_diversity(model: Model, log: Log, progress: Progress) -> list[DiversityReport]:
    """Return the curves of diversity of a bundle on the events that came after its log's end.

    Args:
        model: as for `later_funnels`, and so are the others.
        log: a log with times.
        progress: where it is shown.

    Raises:
        DataError: As `later_funnels`; or no category column tells items alike or apart.
    """
    engine, dataset, window = _later_part(model, log, progress)
    trades = {seen_allowed: model.trade(seen_allowed=seen_allowed) for seen_allowed in (True, False)}
    return diversity_reports(engine, model.catalogue, dataset, window, model.clock, progress, seed=0, trades=trades)


def _later_part(
    model: Model, log: Log, progress: Progress, since: float | None = None
) -> tuple[Engine, Dataset, Window]:
    """Return what to judge: the bundle's engine, the log in its vocabulary, and what came later."""
    if model.engine is None:
        raise DataError("the bundle only predicts ratings, and has no lists to judge")
    if not model.clock.has_times or "timestamp" not in log.interactions.columns:
        raise DataError("only a log with times has a later part to judge on", column="timestamp")
    dataset = _with_vocabulary_of(model, log)
    events, begin = dataset.events, model.clock.log_end if since is None else since
    starts = np.bincount(events.owners, weights=events.times <= begin, minlength=len(events))
    stops = events.lengths.copy()
    # Row 0 is all customers that the bundle does not know, together.
    stops[0] = starts[0]
    window = Window(starts=starts.astype(np.int64), stops=stops, as_of=np.full(len(events), begin))
    _say_unknown(model, events, begin, progress)
    if not len(window.rows):
        raise DataError("nothing in this log is newer than the bundle", remedy="Give a log that goes on after it")
    return model.engine, dataset, window


def _say_unknown(model: Model, events: Histories, begin: float, progress: Progress) -> None:
    later = events.times > begin
    strangers, items = int(later[events.owners == 0].sum()), int((later & (events.items == 0)).sum())
    if strangers or items:
        left_out = f"{strangers:,} are of customers and {items:,} of items that the bundle does not know"
        progress.say(f"of {int(later.sum()):,} later events {left_out}; they are left out")


def _with_vocabulary_of(model: Model, log: Log) -> Dataset:
    events, ratings, steps = build_events(log, model.customers, model.items, seed=0)
    return Dataset(
        customers=model.customers,
        items=model.items,
        events=events,
        ratings=ratings,
        steps=steps,
        has_times=True,
        repeats=model.policy.seen_allowed,
        customer_encoder=model.customer_encoder,
        item_encoder=model.item_encoder,
        customer_features=model.snapshot.encoded,
        item_features=model.item_encoder.empty(len(model.items)),
    )
