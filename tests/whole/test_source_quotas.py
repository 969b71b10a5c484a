"""A shop with a new line of goods that nobody has touched: a quota of the content source brings it to the list."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from planted import CONFIG, ITEMS, category_of, item_id, shop, write_shop

from shortlist_client import BadRequest, Client, Diversity, Profile, Seen, Source
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings

LIKED = item_id(5)
NEW = tuple(f"new-{number}" for number in range(8))
"""They say of themselves what `LIKED` says."""
PROFILE = Profile(history=[LIKED])
OLD = tuple(item_id(number) for number in range(ITEMS) if category_of(number) == category_of(5))
"""Goods of the same kind that were taken: they are as near, and the scorer knows more of them."""
QUOTAS = """
[policies.fresh.sources]
content = { quota = 1 }

[policies.narrow]
sources = { popularity = 1.0, content = { weight = 0.25, quota = 2 } }
diversity = { caps = { category = 4 } }
"""
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from planted import train_folder
folder = Path(sys.argv[1])
train_folder(folder / "shop", folder / "bundles")
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Train on the shop in a process of its own, and return its pipeline."""
    folder = tmp_path_factory.mktemp("new-line")
    tables = shop(customers=100, events=20)
    liked = tables["items"].filter(pl.col("item_id") == LIKED)
    line = [liked.with_columns(item_id=pl.lit(name)) for name in NEW]
    write_shop(folder / "shop", {**tables, "items": pl.concat([tables["items"], *line])}, CONFIG + QUOTAS)
    program = PROGRAM.format(tests=str(Path(__file__).parents[1]))
    made = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, timeout=900)
    assert made.returncode == 0, made.stderr
    return Pipeline.load(folder / "bundles", "default", "stable", ClockPolicy.LOG_END)


@pytest.fixture(scope="module")
def client(pipeline):
    server = Server(ServeSettings(port=0, drain_wait=0.0, grace=0.2))
    port = server.start()
    server.put(pipeline)
    with Client(f"127.0.0.1:{port}", timeout=60.0) as shortlist:
        yield shortlist
    server.drain()


def new(found):
    return [one for one in found if one.item_id in NEW]


def codes(found):
    return [fallback.code for fallback in found.fallbacks]


def test_an_untouched_item_comes_by_a_quota_of_content(client):
    asked = {"profile": PROFILE, "k": 5, "seen": Seen.EXCLUDE, "exclude_items": OLD}
    assert not new(client.recommend(**asked, sources={"sequence": 1.0}))
    sources = {"sequence": 1.0, "content": Source(weight=0.01, quota=1)}
    found = client.recommend(**asked, sources=sources, explain=True)
    fresh = new(found)
    assert fresh
    assert all("content" in one.sources for one in fresh)
    assert "source_quota_missed" not in codes(found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    # The best-scored of what the source proposed, and the best of the others before it.
    every = client.recommend(**{**asked, "k": 50}, sources=sources)
    assert fresh[0].item_id == next(one.item_id for one in every if "content" in one.sources)


def test_a_placement_asks_for_it_by_itself(client):
    asked = {"profile": PROFILE, "k": 5, "seen": Seen.EXCLUDE}
    said = client.recommend(**asked, sources={"content": Source(quota=1)})
    placed = client.recommend(**asked, placement="fresh")
    assert [(one.item_id, one.score) for one in placed] == [(one.item_id, one.score) for one in said]
    # A request that names sources replaces the placement's as a whole, quotas included.
    assert not new(client.recommend(**asked, placement="fresh", sources={"popularity": 1.0}))
    narrow = client.recommend(**asked, placement="narrow", explain=True)
    assert len([one for one in narrow if "content" in one.sources]) >= 2
    assert {name for one in narrow for name in one.sources} <= {"popularity", "content"}


def test_every_way_of_asking_keeps_it(client):
    fields = {"k": 5, "seen": Seen.EXCLUDE, "exclude_items": OLD, "sources": {"content": Source(quota=1)}}
    alone = client.recommend(profile=PROFILE, **fields)
    (row,) = client.recommend_batch([PROFILE], **fields)
    assert [one.item_id for one in row.result()] == [one.item_id for one in alone]
    with client.session(**fields) as session:
        told = session.event(LIKED)
    assert [one.item_id for one in told] == [one.item_id for one in alone]
    assert new(told)


def test_it_goes_together_with_filters_exclusions_needs_and_diversity(client):
    asked = {"profile": PROFILE, "k": 5, "seen": Seen.EXCLUDE, "sources": {"content": Source(quota=2)}}
    for settings in (
        {"exclude_items": NEW[:3]},
        {"filter": {"category": "fish"}},
        {"diversity": Diversity(method="mmr", strength=0.5, caps={"category": 3})},
    ):
        found = client.recommend(**asked, **settings)
        assert len(found) == 5
        assert len([one for one in found if "content" in one.sources]) >= 2
        assert "source_quota_missed" not in codes(found)
    missed = client.recommend(**asked, diversity=Diversity(caps={"category": 1}), exclude_items=[])
    assert ("source_quota_missed" in codes(missed)) == (len([o for o in missed if "content" in o.sources]) < 2)


def test_what_cannot_be_meant_is_refused_by_its_path(client):
    for sources, path in (
        ({"content": Source(quota=6)}, "sources"),
        ({"content": Source(quota=1_001)}, "sources[0].quota"),
        ({"weather": Source(quota=1)}, "sources"),
    ):
        with pytest.raises(BadRequest) as caught:
            client.recommend("c000", k=5, sources=sources)
        assert path in caught.value.violations
