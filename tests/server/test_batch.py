"""Lists for many customers at once: the file holds what the pipeline answers."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from small_models import CUSTOMERS, ITEMS, RATINGS, catalogue_of, customer, limited, model_of, pipeline_of, taken_by

from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.policy import Placement
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_server.batch import BatchRequest, read_ids, write_batch
from shortlist_server.errors import InvalidRequest
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.request import DiversityRequest, RecommendRequest, Seen

PIPELINE = pipeline_of()
EVERYBODY = [customer(n) for n in range(1, CUSTOMERS + 1)]


@pytest.fixture
def write(tmp_path):
    def writing(pipeline=PIPELINE, customers=None, **wanted):
        out = tmp_path / "made" / "lists.parquet"
        rows = write_batch(pipeline, BatchRequest(**{"k": 4, **wanted}), out, customers=customers, say=print)
        table = pl.read_parquet(out)
        assert len(table) == rows
        assert [path.name for path in out.parent.iterdir()] == ["lists.parquet"]
        return table

    return writing


def lists_of(table):
    """Return customer -> list of (item, score), after checking that ranks count from 1."""
    found = {}
    for (customer_id,), rows in table.group_by(["customer_id"], maintain_order=True):
        assert rows["rank"].to_list() == list(range(1, len(rows) + 1))
        found[customer_id] = list(zip(rows["item_id"], rows["score"], strict=True))
    return found


def answer(pipeline=PIPELINE, **request):
    (found,) = pipeline.recommend([RecommendRequest(**{"k": 4, **request})])
    return list(zip(found.item_ids, np.asarray(found.scores, np.float32).tolist(), strict=True))


def assert_same(found, wanted):
    assert [one for one, _ in found] == [one for one, _ in wanted]
    np.testing.assert_allclose([score for _, score in found], [score for _, score in wanted], atol=1e-5)


def test_every_customer_gets_the_list_that_recommend_gives(write):
    table = write()
    assert table.schema == {"customer_id": pl.String, "rank": pl.Int32, "item_id": pl.String, "score": pl.Float32}
    lists = lists_of(table)
    assert list(lists) == EVERYBODY
    for one in EVERYBODY:
        assert_same(lists[one], answer(customer_id=one))


@pytest.mark.parametrize("seen", list(Seen))
def test_seen_items_follow_the_request(write, seen):
    for policy in (True, False):
        pipeline = pipeline_of(model_of(seen_allowed=policy))
        lists = lists_of(write(pipeline, seen=seen, k=ITEMS))
        shown = policy if seen is Seen.POLICY else seen is Seen.INCLUDE
        for number, one in enumerate(EVERYBODY, 1):
            past = taken_by(pipeline.served, number)
            assert bool({i for i, _ in lists[one]} & past) is (shown and bool(past))
            assert_same(lists[one], answer(pipeline, customer_id=one, seen=seen, k=ITEMS))


def test_the_moment_follows_the_request(write):
    lists = lists_of(write(as_of=40.0))
    assert_same(lists[customer(2)], answer(customer_id=customer(2), as_of=40.0))
    assert lists[customer(2)] != lists_of(write())[customer(2)]


def test_the_clock_is_the_pipelines(write):
    live = pipeline_of(clock=ClockPolicy.LIVE)
    lists = lists_of(write(live))
    assert_same(lists[customer(2)], answer(live, customer_id=customer(2)))


def test_only_some_sources(write):
    lists = lists_of(write(sources={"popularity": 1.0, "item_cf": 1.0}))
    wanted = answer(customer_id=customer(2), sources={"popularity": 1.0, "item_cf": 1.0})
    assert_same(lists[customer(2)], wanted)


@pytest.mark.parametrize("source", ["own_past", "two_tower", "item_cf", "embedding", "popularity"])
@pytest.mark.parametrize("seen", [Seen.INCLUDE, Seen.EXCLUDE])
def test_a_source_alone_keeps_its_own_order(write, source, seen):
    lists = lists_of(write(sources={source: 1.0}, rank_by_source=True, seen=seen, k=ITEMS))
    request = {"sources": {source: 1.0}, "k": ITEMS, "seen": seen, "explain": True}
    for number, one in enumerate(EVERYBODY, 1):
        listed = lists.get(one, [])
        scores = [score for _, score in listed]
        assert scores == sorted(scores, reverse=True)
        (full,) = PIPELINE.recommend([RecommendRequest(customer_id=one, **request)])
        told = zip(full.item_ids, full.explanations, strict=True)
        ranks = {one: why.sources[0].rank for one, why in told if why.sources}
        in_order = [i for i, _ in listed]
        assert in_order[: len(ranks)] == sorted(ranks, key=ranks.__getitem__)
        if seen is Seen.EXCLUDE:
            assert not set(in_order) & taken_by(PIPELINE.served, number)


def test_a_source_alone_shows_what_can_be_had_when_the_list_is_asked_for(write):
    catalogue = limited(catalogue_of(), until=[(row, 1_000.0) for row in range(ITEMS + 1)])
    model = model_of(catalogue=catalogue)
    for as_of, shown in ((999.0, ITEMS * CUSTOMERS), (1_001.0, 0)):
        fields = {"sources": {"popularity": 1.0}, "k": ITEMS, "as_of": as_of}
        assert len(write(pipeline_of(model), **fields)) == shown
        assert len(write(pipeline_of(model), rank_by_source=True, **fields)) == shown


def test_a_source_that_does_not_exist_is_refused(write):
    for by_source in (True, False):
        with pytest.raises(InvalidRequest, match="no source 'weather'"):
            write(sources={"weather": 1.0}, rank_by_source=by_source)


def test_lists_may_hold_a_quota_of_a_source(write):
    quotas = {"sources": {"popularity": 1.0}, "source_quotas": {"content": 2}}
    lists = lists_of(write(k=6, **quotas))
    for one in EVERYBODY:
        assert_same(lists[one], answer(customer_id=one, k=6, **quotas))
    assert lists != lists_of(write(k=6, sources={"popularity": 1.0}))


def test_lists_may_be_varied(write):
    diversity = DiversityRequest(method="mmr", strength=0.9, caps=(("kind", 2),))
    lists = lists_of(write(diversity=diversity, k=6))
    for one in EVERYBODY:
        assert_same(lists[one], answer(customer_id=one, diversity=diversity, k=6))
    assert lists != lists_of(write(k=6))


def test_the_policy_is_that_of_the_placement(write):
    home = Placement(diversity=Diversity(method="dpp", strength=0.9))
    model = model_of()
    pipeline = pipeline_of(replace(model, policy=replace(model.policy, placements={"home": home})))
    lists = lists_of(write(pipeline, placement="home", k=6))
    assert_same(lists[customer(2)], answer(pipeline, customer_id=customer(2), placement="home", k=6))
    assert lists != lists_of(write(pipeline, k=6))


def test_k_above_the_catalogue_is_the_whole_catalogue(write):
    assert len(write(k=1000)) == ITEMS * CUSTOMERS


def test_a_bundle_of_ratings_writes_predicted_ratings(write):
    pipeline = pipeline_of(model_of(engine=False, ratings=RATINGS["scorer"](), by_rating=True))
    table = write(pipeline)
    assert table["score"].is_between(1, 5).all()
    assert_same(lists_of(table)[customer(1)], answer(pipeline, customer_id=customer(1)))


FILES = {
    "ids.txt": "c2\n\n nobody \nc1\n",
    "ids.csv": "name,customer_id\nx,c2\ny,nobody\nz,c1\n",
}


@pytest.mark.parametrize("name", [*FILES, "ids.parquet"])
def test_some_customers_in_the_order_of_their_file(write, tmp_path, name):
    file = tmp_path / name
    if name in FILES:
        file.write_text(FILES[name])
    else:
        pl.DataFrame({"customer_id": ["c2", "nobody", "c1"], "other": [1, 2, 3]}).write_parquet(file)
    lists = lists_of(write(customers=file))
    assert list(lists) == ["c2", "nobody", "c1"]
    assert_same(lists["nobody"], answer(customer_id="nobody"))


def test_ids_that_look_like_numbers_stay_texts(tmp_path):
    (tmp_path / "ids.csv").write_text("customer_id\n007\n1e3\n")
    assert read_ids(tmp_path / "ids.csv") == ["007", "1e3"]
    pl.DataFrame({"customer_id": [7, None, 8]}).write_parquet(tmp_path / "ids.parquet")
    assert read_ids(tmp_path / "ids.parquet") == ["7", "8"]


def test_files_that_do_not_say_who_are_refused(tmp_path):
    (tmp_path / "ids.csv").write_text("customer\nc1\n")
    with pytest.raises(InvalidRequest, match=r"ids\.csv has no column customer_id; it has customer"):
        read_ids(tmp_path / "ids.csv")
    for name in ("missing.csv", "missing.parquet", "missing.txt"):
        with pytest.raises(InvalidRequest, match="cannot be read"):
            read_ids(tmp_path / name)
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_ids(tmp_path / "damaged.parquet")


def test_nobody_asked_for_is_an_empty_file(write, tmp_path):
    (tmp_path / "ids.txt").write_text("\n")
    assert write(customers=tmp_path / "ids.txt").is_empty()


def test_a_bundle_without_customers_is_an_empty_file(write):
    assert write(pipeline_of(model_of(customers=Vocabulary(())))).is_empty()


def test_what_stood_there_is_replaced_only_by_a_whole_file(tmp_path):
    out = tmp_path / "lists.parquet"
    out.write_bytes(b"before")
    with pytest.raises(InvalidRequest):
        write_batch(PIPELINE, BatchRequest(k=1, sources={"weather": 1.0}), out, customers=None, say=print)
    assert out.read_bytes() == b"before"


def test_progress_is_said_while_it_takes_long(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("shortlist_server.batch.SAY_EVERY", -1.0)
    monkeypatch.setattr("shortlist_server.batch.CHUNK", 4)
    write_batch(PIPELINE, BatchRequest(k=1), tmp_path / "lists.parquet", customers=None, say=said.append)
    assert said == ["4 of 6 customers", "6 of 6 customers"]
