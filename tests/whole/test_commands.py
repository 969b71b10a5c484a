"""What `shortlist batch` writes is what `shortlist serve` answers, each a process of its own."""

import json

import numpy as np
import polars as pl
import pytest
from planted import ITEMS, customer_id
from programs import run, serving

from shortlist_client import Seen


@pytest.fixture(scope="module")
def client(trained):
    with serving(trained.bundles, "--clock", "log_end") as client:
        yield client


@pytest.mark.parametrize("seen", ["policy", "exclude"])
def test_the_file_of_batch_is_what_the_server_answers(trained, client, tmp_path, seen):
    out = tmp_path / "lists.parquet"
    run("batch", "--bundles", trained.bundles, "--k", 12, "--out", out, "--seen", seen)
    table = pl.read_parquet(out)
    ids = table["customer_id"].unique(maintain_order=True).to_list()
    assert len(ids) == client.describe_model().customers
    batch = client.recommend_batch(ids, k=12, seen=Seen(seen))
    for one, answer in zip(ids, batch, strict=True):
        rows = table.filter(pl.col("customer_id") == one)
        listed = answer.result()
        assert rows["rank"].to_list() == list(range(1, len(listed) + 1))
        assert rows["item_id"].to_list() == list(listed.item_ids)
        np.testing.assert_allclose(rows["score"], [item.score for item in listed], rtol=1e-5)


def test_evaluate_shows_what_the_bundle_was_published_with(trained):
    told = json.loads(run("evaluate", "--bundles", trained.bundles, "--json"))
    assert set(told) >= {"log", "split", "headline", "ranking", "index"}
    shown = run("evaluate", "--bundles", trained.bundles)
    assert "reranked" in shown
    assert "own_past alone" in shown


def test_inspect_says_what_the_server_describes(trained, client):
    described = client.describe_model()
    told = json.loads(run("bundle", "inspect", "--bundles", trained.bundles, "--json"))
    for name in ("aliases", "sources", "needs_sources"):
        assert tuple(told[name]) == getattr(described, name), name
    assert told["placements"] == {
        "default": {},
        "varied": {"diversity": {"method": "mmr", "strength": 0.6, "caps": {"category": 3}}},
    }
    assert list(told["placements"]) == [one.name for one in described.placements]
    shown = run("bundle", "inspect", "--bundles", trained.bundles)
    assert "needs_sources    knowledge" in shown
    assert 'placement        varied {"diversity": {"method": "mmr", "strength": 0.6, "caps": {"category": 3}}}' in shown


def test_under_the_live_clock_the_log_is_said_to_be_old(trained):
    with serving(trained.bundles) as live:
        found = live.recommend(customer_id(1), k=ITEMS)
        assert found.clock.value == "live"
        assert "stale_log" in [fallback.code for fallback in found.fallbacks]
        assert np.isfinite([item.score for item in found]).all()
        assert len(found) >= ITEMS - 2
