"""Both cold starts on a planted log: a town tells what its people like, and a kind which items are alike."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from small_logs import log_of

from shortlist_training.benchmark.cold_start import measuring as module
from shortlist_training.benchmark.cold_start.customers import LENGTHS, SERVED
from shortlist_training.benchmark.cold_start.holding_out import WholeLog
from shortlist_training.benchmark.cold_start.items import CHANCE
from shortlist_training.benchmark.cold_start.measuring import measure
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.config.models import EmbeddingConfig, ScorerConfig, TwoTowerConfig
from shortlist_training.config.run import RunConfig, SplitConfig
from shortlist_training.errors import DataError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.progress import Silent

CONFIG = RunConfig(
    split=SplitConfig(kind="time"),
    embedding=EmbeddingConfig(embedding_size=8),
    two_tower=TwoTowerConfig(embedding_size=8, temperature=0.2, history_length=10, rounds=2, refit_rounds=1),
    scorer=ScorerConfig(hidden=(8,), rounds=2, learning_rate=0.02, budget=40),
)
CUSTOMERS, KINDS, SIZE, EVENTS = 120, 5, 24, 16


def towns(seed=0):
    """Return a log of people who take what those of their town take, once each."""
    random = np.random.default_rng(seed)
    events = []
    for customer in range(CUSTOMERS):
        own = SIZE * (customer % KINDS) + random.permutation(SIZE)[:EVENTS]
        times = np.sort(random.uniform(0, 360, EVENTS))
        events += [(f"c{customer:03}", f"i{item:03}", float(time)) for item, time in zip(own, times, strict=True)]
    return log_of(
        sorted(events, key=lambda event: event[2]),
        customers={
            "customer_id": [f"c{n:03}" for n in range(CUSTOMERS)],
            "town": [f"town {n % KINDS}" for n in range(CUSTOMERS)],
        },
        items={
            "item_id": [f"i{n:03}" for n in range(KINDS * SIZE)],
            "kind": [f"kind {n // SIZE}" for n in range(KINDS * SIZE)],
        },
        repeats=False,
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    kept = SeedFolder(tmp_path_factory.mktemp("seed"))
    return kept, measure(towns(), CONFIG, kept, Silent())


def ndcg(kept, method, length, *, features):
    asked = pl.col("method") == method, pl.col("length") == length, pl.col("features") == features
    return kept.read("customers").filter(*asked)["ndcg"].mean()


def test_features_alone_tell_what_a_stranger_likes(measured):
    kept, about = measured
    assert about["missing"] == {}
    chance = ndcg(kept, "popularity", 0, features=True)
    assert ndcg(kept, "segment_popularity", 0, features=True) > chance + 0.05
    assert ndcg(kept, SERVED, 0, features=True) > chance + 0.05


def test_without_features_the_history_tells(measured):
    kept, _ = measured
    assert ndcg(kept, SERVED, 3, features=False) > ndcg(kept, SERVED, 0, features=False) + 0.05
    assert ndcg(kept, "segment_popularity", 3, features=False) == 0


def test_every_length_has_the_same_customers_and_says_its_path(measured):
    kept, _ = measured
    frame = kept.read("customers").filter(pl.col("method") == SERVED)
    paths = {(row["features"], row["length"] > 0): row["path"] for row in frame.iter_rows(named=True)}
    assert paths == {
        (True, False): "cold_start:features",
        (True, True): "cold_start:features+history",
        (False, False): "cold_start:nothing_known",
        (False, True): "cold_start:history",
    }
    first = frame["customer_id"].unique().sort()
    for length in LENGTHS:
        assert frame.filter(pl.col("length") == length)["customer_id"].unique().sort().equals(first)
    assert 3 <= len(first) <= CUSTOMERS // 10


def test_items_nobody_has_touched_are_found_by_their_features(measured):
    kept, _ = measured
    frame = kept.read("items")
    recall = {name: frame.filter(pl.col("method") == name)["recall@20"].mean() for name in (SERVED, "content", CHANCE)}
    assert recall["content"] > recall[CHANCE] + 0.2
    assert recall[CHANCE] == pytest.approx(20 / (KINDS * SIZE - EVENTS), abs=0.05)
    # What only counts takings cannot know of them.
    assert frame.filter(pl.col("method") == "user_cf")["recall@200"].mean() == 0


def test_what_has_been_measured_is_left_as_it_is(measured, monkeypatch):
    kept, about = measured
    monkeypatch.setattr(WholeLog, "fit", None)
    assert measure(towns(), CONFIG, kept, Silent()) == about


def test_training_sees_nothing_of_what_is_held_out():
    whole = WholeLog.of(towns(), CONFIG)
    start = whole.plan.judge.as_of[0]
    people, things = whole.some_customers(), whole.some_items()
    assert (people.sum(), things.sum()) == (CUSTOMERS // 10, KINDS * SIZE // 10)
    gone = set(whole.dataset.customers.ids(np.flatnonzero(people)))
    left = whole.without_customers(people)
    assert not gone & {*left.interactions["customer_id"], *left.customers["customer_id"]}
    expected = whole.log.interactions.filter(
        ~pl.col("customer_id").is_in(sorted(gone)), pl.col("timestamp") < start
    )  # fmt: skip
    assert left.interactions.equals(expected)
    cold = set(whole.dataset.items.ids(np.flatnonzero(things)))
    left = whole.without_items(things)
    assert not cold & set(left.interactions["item_id"])
    assert cold <= set(left.items["item_id"])


def test_what_cannot_be_measured_says_why(tmp_path, monkeypatch):
    def refuse(whole, progress):
        raise DataError("too few")

    monkeypatch.setattr(module, "PARTS", {"customers": refuse})
    assert measure(towns(), CONFIG, SeedFolder(tmp_path / "seed"), Silent())["missing"] == {"customers": "too few"}
    with pytest.raises(DataError, match="ratings alone"):
        WholeLog.of(replace(towns(), feedback=FeedbackKind.RATINGS), CONFIG)
