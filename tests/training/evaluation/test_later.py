"""A bundle judged on what came after it: by the lists that it serves, against what was really taken."""

import numpy as np
import polars as pl
import pytest
from planted import customer_id, item_id
from small_models import RATINGS, model_of

from shortlist_server.pipeline.request import RecommendRequest, Seen
from shortlist_training.errors import DataError
from shortlist_training.evaluation.later import later_funnels
from shortlist_training.log import read_log
from shortlist_training.progress import Silent

MONTH = 30 * 86_400.0


class Said(Silent):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def goes_on(folder, trained, events):
    """Write the shop's log with further events: (customer, item, seconds after its end)."""
    log = pl.read_parquet(trained.data / "interactions.parquet")
    end = log["timestamp"].max()
    more = [(customer, item, end + seconds) for customer, item, seconds in events]
    pl.concat([log, pl.DataFrame(more, schema=log.schema, orient="row")]).write_parquet(folder / "interactions.parquet")
    return read_log(folder)


def taken(trained):
    log = pl.read_parquet(trained.data / "interactions.parquet")
    return {one: set(rows["item_id"]) for (one,), rows in log.group_by(["customer_id"])}


def ndcg(items, targets, k):
    gains = [1 / np.log2(rank + 2) for rank, item in enumerate(items[:k]) if item in targets]
    return sum(gains) / sum(1 / np.log2(rank + 2) for rank in range(min(k, len(targets))))


@pytest.fixture(scope="module")
def judged(shop, trained, tmp_path_factory):
    random = np.random.default_rng(3)
    known = [n for n in range(0, 200, 3) if n not in (57, 58)]
    events = [
        (customer_id(n), item_id(int(i)), float(random.uniform(1, MONTH)))
        for n in known
        for i in random.integers(0, 57, 3)
    ]
    strangers = [("a stranger", item_id(2), 5.0), ("another", item_id(3), 6.0), (customer_id(0), "a new item", 7.0)]
    progress = Said()
    log = goes_on(tmp_path_factory.mktemp("later"), trained, events + strangers)
    targets = {}
    for one, item, _ in events:
        targets.setdefault(one, set()).add(item)
    return later_funnels(shop.served, log, progress), targets, progress


@pytest.mark.parametrize(("mode", "seen"), [("all", Seen.INCLUDE), ("new", Seen.EXCLUDE)])
def test_the_figures_are_those_of_the_lists_that_are_served(judged, shop, trained, mode, seen):
    funnels, targets, _ = judged
    (funnel,) = [one for one in funnels if one.mode == mode]
    past = taken(trained)
    wanted = {one: (items if mode == "all" else items - past[one]) for one, items in targets.items()}
    wanted = {one: items for one, items in wanted.items() if items}
    assert funnel.customers == len(wanted)
    served = {}
    for one in wanted:
        answer = shop.recommend([RecommendRequest(customer_id=one, k=50, seen=seen)])[0]
        served[one] = list(answer.item_ids)
    for k in (5, 10, 20):
        mean = np.mean([ndcg(served[one], items, k) for one, items in wanted.items()])
        # The server leaves out what cannot be had any more; a judged list does not, so places shift by at most two.
        assert funnel.end_to_end[f"ndcg@{k}"].mean == pytest.approx(mean, abs=0.03)
    assert funnel.targets == pytest.approx(np.mean([len(items) for items in wanted.values()]))


def test_a_source_alone_is_judged_by_its_own_order(judged, trained):
    funnels, targets, _ = judged
    log = pl.read_parquet(trained.data / "interactions.parquet")
    order = log.group_by("item_id").len().sort(["len", "item_id"], descending=[True, False])["item_id"].to_list()
    (funnel,) = [one for one in funnels if one.mode == "all"]
    mean = np.mean([ndcg(order, items, 20) for items in targets.values()])
    assert funnel.sources["popularity, whole log"]["ndcg@20"].mean == pytest.approx(mean, abs=1e-6)


def test_the_parts_of_a_funnel_fit_together(judged):
    funnels, _, _ = judged
    assert [funnel.mode for funnel in funnels] == ["all", "new"]
    for funnel in funnels:
        shortlist = funnel.shortlist
        assert 0 < funnel.end_to_end["ndcg@20"].mean <= shortlist["perfect ndcg@20"].mean <= 1
        assert funnel.end_to_end["recall@50"].mean <= shortlist["recall"].mean + 1e-9
        gain = funnel.end_to_end["ndcg@20"].mean - shortlist["fusion ndcg@20"].mean
        assert funnel.gain.mean == pytest.approx(gain)
        recalls = [funnel.end_to_end[f"recall@{k}"].mean for k in (5, 10, 20, 50)]
        assert recalls == sorted(recalls)
        assert funnel.index == 1.0
        counted = [part["customers"].mean for name, part in funnel.slices.items() if name.startswith("customers")]
        assert sum(counted) == funnel.customers
        assert 0 < funnel.catalogue["coverage@5"] <= funnel.catalogue["coverage@50"] <= 1
        assert funnel.to_json()["end_to_end"]["ndcg@20"]["mean"] == funnel.end_to_end["ndcg@20"].mean


def test_what_the_bundle_does_not_know_is_left_out_and_said(judged):
    _, _, progress = judged
    assert len(progress.lines) == 1
    assert "2 are of customers and 1 of items that the bundle does not know" in progress.lines[0]


def test_the_past_that_comes_again_is_found(shop, trained, tmp_path):
    """Everybody takes again what they took most: a judge that mixed up customers or moments would not see it."""
    log = pl.read_parquet(trained.data / "interactions.parquet")
    often = log.group_by("customer_id", "item_id").len().sort("len", "item_id").group_by("customer_id").last()
    often = often.filter((pl.col("len") > 3) & (pl.col("item_id") != item_id(57)))
    events = [(one, item, 60.0) for one, item, _ in often.iter_rows()]
    (funnel,) = later_funnels(shop.served, goes_on(tmp_path, trained, events), Silent())
    assert funnel.mode == "all"
    assert funnel.sources["own_past"]["recall@10"].mean > 0.95
    assert funnel.end_to_end["recall@10"].mean > 0.75


def test_a_log_with_nothing_newer_is_refused(shop, trained):
    with pytest.raises(DataError, match="nothing in this log is newer"):
        later_funnels(shop.served, read_log(trained.data), Silent())


def test_a_log_of_nobody_the_bundle_knows_is_refused(shop, trained, tmp_path):
    log = goes_on(tmp_path, trained, [("a stranger", item_id(2), 5.0)])
    with pytest.raises(DataError, match="nothing in this log is newer"):
        later_funnels(shop.served, log, Silent())


def test_bundles_and_logs_without_times_or_lists_are_refused(shop, trained, tmp_path):
    log = read_log(trained.data)
    with pytest.raises(DataError, match="only predicts ratings"):
        later_funnels(model_of(engine=False, ratings=RATINGS["embedding"]()), log, Silent())
    with pytest.raises(DataError, match="only a log with times"):
        later_funnels(model_of(has_times=False), log, Silent())
    pl.DataFrame({"customer_id": ["a"], "item_id": ["b"]}).write_parquet(tmp_path / "interactions.parquet")
    with pytest.raises(DataError, match="only a log with times"):
        later_funnels(shop.served, read_log(tmp_path), Silent())
