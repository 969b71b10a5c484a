"""What is published is a refit on the whole log; here the log goes on, and the refit has to prove itself.

The log drifts, so a model that stands still falls behind; and a scorer that no longer fits its retriever would show.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from planted import CONFIG, DAY, DAYS, START, drifting, write_shop

from shortlist_bundle.files import open_bundle
from shortlist_bundle.packing import unpack_model
from shortlist_training.calibration.errors import reliability
from shortlist_training.calibration.pairs import window_pairs
from shortlist_training.commands.configuration import configured
from shortlist_training.dataset.build import build_events
from shortlist_training.evaluation.engine_lists import engine_lists
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import window_targets
from shortlist_training.log import read_log
from shortlist_training.progress import Silent
from shortlist_training.retrieval.retriever import with_counts
from shortlist_training.run import train
from shortlist_training.split.window import Window
from shortlist_training.stages import ranking
from shortlist_training.stages.scorer import engine_of

WINDOW = DAYS / 12 * DAY
NOW = START + DAYS * DAY
"""The end of the log that training sees; a window of the length of its own windows is hidden after it."""
READS_ENCODINGS = CONFIG.replace("[scorer]", "[scorer]\nencodings = true")
"""A scorer that reads the two-tower's encodings would break if the refit turned their space."""


@dataclass(frozen=True)
class Published:
    """A published model, its figures, and the first pair, which was never refitted."""

    model: object
    metrics: dict
    first: object
    dataset: object


def publish(log, folder, config=CONFIG):
    """Train by the publishing path, and remember the first pair on the way."""
    write_shop(folder / "shop", log, config)
    seen = {}

    def judge(retriever, pair, dataset, *others):
        seen.setdefault("first", (retriever, pair.scorer, pair.depths, dataset))
        return judged(retriever, pair, dataset, *others)

    judged = ranking._judge
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "_judge", judge)
        settings = configured(folder / "shop", None)
        made = train(read_log(folder / "shop", settings.data), settings, folder / "bundles", Silent())
    retriever, scorer, depths, dataset = seen["first"]
    # What counts moves on with the log for both pairs; only the models stand still in the first.
    moved = with_counts(retriever, dataset, dataset.events.lengths)
    return Published(
        model=unpack_model(open_bundle(folder / "bundles", "default", made.bundle.version)),
        metrics=made.metrics,
        first=engine_of(dataset, moved, scorer, depths),
        dataset=dataset,
    )


@pytest.fixture(scope="module")
def whole_log():
    return drifting(customers=600)


@pytest.fixture(
    scope="module", params=[CONFIG, pytest.param(READS_ENCODINGS, marks=pytest.mark.slow)], ids=["signals", "encodings"]
)
def published(request, whole_log, tmp_path_factory):
    seen = whole_log["interactions"].filter(pl.col("timestamp") < NOW)
    return publish({**whole_log, "interactions": seen}, tmp_path_factory.mktemp("refit"), request.param)


def hidden_window(published, log):
    """Return the log as it went on, and the window that training has not seen."""
    events, _, _ = build_events(log, published.model.customers, published.model.items, 0)
    starts = np.bincount(events.owners, weights=events.times < NOW, minlength=len(events)).astype(np.int64)
    window = Window(starts=starts, stops=events.lengths, as_of=np.full(len(events), NOW))
    return replace(published.dataset, events=events), window


def figures(published, engine, log, *, seen_allowed):
    """Return nDCG@20 of each customer with a target in the hidden window."""
    dataset, window = hidden_window(published, log)
    targets = window_targets(dataset.events, window, width=dataset.item_rows, only_new=not seen_allowed)
    with Silent().stage("", 0) as bar:
        lists = engine_lists(
            engine, dataset, window, published.model.clock, targets, seen_allowed=seen_allowed, k=20, depth=20, bar=bar
        )
    of = {name: ranking_metrics(items, targets, (20,))["ndcg@20"] for name, items in lists.sources.items()}
    return {**of, "reranked": ranking_metrics(lists.ranked, targets, (20,))["ndcg@20"]}


@pytest.fixture(scope="module")
def gone_on(whole_log, tmp_path_factory):
    """Return the log with the hidden window."""
    return read_log(write_shop(tmp_path_factory.mktemp("whole") / "shop", whole_log))


@pytest.fixture(scope="module")
def hidden(published, gone_on):
    """Return the figures of both pairs on the hidden window, by whether seen items may be shown."""
    log = gone_on
    pairs = {"published": published.model.engine, "first": published.first}
    return {
        seen_allowed: {name: figures(published, pair, log, seen_allowed=seen_allowed) for name, pair in pairs.items()}
        for seen_allowed in (True, False)
    }


def test_the_published_probabilities_mean_what_they_say(published, gone_on):
    """Of the published scorer's own logits the first one's curves would say other things, and worse ones."""
    dataset, window = hidden_window(published, gone_on)
    model = published.model
    allowed = model.policy.seen_allowed
    with Silent().stage("", 0) as bar:
        pairs = window_pairs(model.engine, dataset, window, model.clock, seen_allowed=allowed, seed=0, bar=bar).proposed
    curve, moved = model.calibration.proposed, published.metrics["calibration"]["carried_over"]["proposed"]
    taken_over = curve.moved(1 / moved["scale"], -moved["shift"] / moved["scale"])
    after, before = (reliability(one(pairs.logits), pairs.taken) for one in (curve, taken_over))
    assert after.error < before.error
    assert after.brier < before.brier
    assert curve(pairs.logits).mean() == pytest.approx(pairs.taken.mean(), rel=0.15)


def standard_error(values):
    return values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize("seen_allowed", [True, False])
def test_the_refit_loses_nothing(hidden, seen_allowed):
    pairs = hidden[seen_allowed]
    gain = pairs["published"]["reranked"] - pairs["first"]["reranked"]
    assert len(gain) > 150
    assert gain.mean() >= -2 * standard_error(gain)


def test_where_the_log_drifts_the_refit_gains(hidden):
    """The test above can see a loss: what standing still costs here is far more than two standard errors."""
    for part in ("reranked", "two_tower"):
        gain = hidden[True]["published"][part] - hidden[True]["first"][part]
        assert gain.mean() > 2 * standard_error(gain)


def test_what_the_report_says_holds_on_the_hidden_window(hidden, published):
    """The figure of the refitted pair is an honest forecast: the published pair does as well one window later."""
    (told,) = [one for one in published.metrics["ranking"]["judged"]["refitted pair"] if one["mode"] == "all"]
    forecast = told["end_to_end"]["ndcg@20"]
    found = hidden[True]["published"]["reranked"]
    assert found.mean() >= forecast["mean"] - 3 * np.hypot(forecast["error"], standard_error(found))


def test_a_planted_pattern_is_found(hidden):
    pair = hidden[True]["published"]
    gain = pair["reranked"] - pair["popularity"]
    assert gain.mean() > 5 * standard_error(gain)


def test_a_future_of_pure_chance_is_not_foreseen(whole_log, tmp_path):
    """Who takes what in the judging window is shuffled. Whoever still sees more than popularity has looked ahead."""
    log = whole_log["interactions"].filter(pl.col("timestamp") < NOW).sort("timestamp")
    judged = (log["timestamp"] >= log["timestamp"].max() - WINDOW).to_numpy()
    items = log["item_id"].to_numpy().copy()
    items[judged] = np.random.default_rng(0).permutation(items[judged])
    shuffled = log.with_columns(pl.Series("item_id", items))
    made = publish({**whole_log, "interactions": shuffled}, tmp_path)
    for pair in ("first pair", "refitted pair"):
        for funnel in made.metrics["ranking"]["judged"][pair]:
            best, popular = funnel["end_to_end"]["ndcg@20"], funnel["sources"]["popularity"]["ndcg@20"]
            assert best["mean"] <= popular["mean"] + 2 * np.hypot(best["error"], popular["error"])
