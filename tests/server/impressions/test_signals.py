"""What the scorer read of the items of a list is worked out again from the bundle, the log and the impression."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import test_changes
from click.testing import CliRunner
from item_sides import described_model
from small_models import LOG_END, customer, item
from test_changes import CHEESE, pipeline_of, worker

from shortlist_bundle.engine import Retriever
from shortlist_bundle.errors import BundleNotFound
from shortlist_bundle.files import BundleContents, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.impressions.reading import read_impressions
from shortlist_bundle.packing import pack_model
from shortlist_client import FeedbackEvent, Profile, Seen
from shortlist_client.profile import Event
from shortlist_server.commands.impressions import impressions
from shortlist_server.impressions import signals as module
from shortlist_server.impressions.signals import FORGOTTEN, NO_BUNDLE, OLDER, RATED, shown_signals, signals_of
from shortlist_server.pipeline.clock import ClockPolicy

MODEL = described_model()
AGAIN = 123
"""The position at which the new item is replaced, and gets another row."""


@pytest.fixture
def read(monkeypatch):
    """What the scorer read while lists were made: by item row and the items beside it, in the order of the calls."""
    seen, plain = [], Retriever.pair_signals

    def spied(self, encoded, candidates, seen_allowed):
        found = plain(self, encoded, candidates, seen_allowed)
        seen.append((candidates.items, found))
        return found

    monkeypatch.setattr(Retriever, "pair_signals", spied)
    return seen


@pytest.fixture
def every_list_is_kept(monkeypatch):
    monkeypatch.setattr(test_changes, "SETTINGS", replace(test_changes.SETTINGS, impressions=1.0))


def live(client):
    """Let much happen, and ask in between in every way that matters to what the scorer reads."""
    client.recommend(customer(2), k=30)
    done = client.record([
        FeedbackEvent(customer_id=customer(n % 4), item_id=item(1 + n % 30), timestamp=LOG_END + n) for n in range(120)
    ])  # fmt: skip
    client.recommend(customer(2), k=20, seen=Seen.EXCLUDE, after_position=done.position)
    done = client.upsert_items(CHEESE)
    client.recommend(customer(1), k=31, after_position=done.position)
    done = client.record(FeedbackEvent(customer_id="new", item_id="cheese", timestamp=LOG_END + 200))
    client.recommend("new", k=31, as_of=LOG_END + 150, after_position=done.position)
    client.upsert_items(replace(CHEESE, attributes={"price": 2.0}))
    done = client.upsert_customers({"new": {"age": 30.0, "town": "ash"}})
    client.recommend("new", k=31, after_position=done.position)
    client.recommend("new", k=31, profile=Profile(features={"town": "birch", "tags": ["a", "c"]}, history=[
        Event(item_id=item(4), timestamp=LOG_END - 5), Event(item_id="cheese"), Event(item_id=item(9), value=3.0),
    ]))  # fmt: skip
    done = client.delete_items([item(5)])
    client.recommend(customer(3), k=30, sources={"item_cf": 1.0}, after_position=done.position)


def load(model, version):
    return pipeline_of(MODEL)


@pytest.mark.parametrize("clock", [ClockPolicy.LOG_END, ClockPolicy.LIVE])
def test_what_was_read_is_worked_out_again(tmp_path, read, every_list_is_kept, clock):
    with worker(tmp_path, MODEL, clock) as client:
        live(client)
    served, read[:] = list(read), []
    shown = {one.impression.impression_id: one for one in shown_signals(tmp_path, load)}
    kept = sorted(read_impressions(tmp_path), key=lambda one: one.moment)
    assert len(kept) == len(served) == len(shown) == 7
    assert [one.asked.position for one in kept] == [0, 120, 121, 122, 124, 124, 125]
    spread = 0.0
    for impression, (rows, found) in zip(kept, served, strict=True):
        one = shown[impression.impression_id]
        assert not one.problem
        assert one.signals.shape == (len(impression.item_ids), len(one.names))
        # A row of one worker is that of another: rows follow from the log alone.
        columns = {row: column for column, row in enumerate(rows[0].tolist()) if row}
        places = [columns[row] for row in rows_of(impression)]
        np.testing.assert_allclose(one.signals, found[0][places], rtol=1e-5, atol=1e-5)
        spread = max(spread, float(one.signals.std(axis=0).max()))
    assert spread > 0.1


def rows_of(impression):
    """Return the item rows of a list at its position: the bundle's, and those of the new item."""
    changes = {"cheese": 31 if impression.asked.position < AGAIN else 32}
    return [changes.get(name) or MODEL.items.row(name) for name in impression.item_ids]


def test_the_log_tells_lists_apart_that_were_made_from_other_states(tmp_path, every_list_is_kept):
    """The control: at another position the numbers are others."""
    with worker(tmp_path, MODEL) as client:
        live(client)
    kept = sorted(read_impressions(tmp_path), key=lambda one: one.moment)
    (right,) = [one for one in shown_signals(tmp_path, load) if one.impression == kept[1]]
    wrong = signals_of(MODEL, kept[1], replace(kept[1].asked, position=0))
    assert np.abs(wrong - right.signals).max() > 0.1


def test_what_cannot_be_known_says_why(tmp_path, every_list_is_kept, monkeypatch):
    with worker(tmp_path, MODEL) as client:
        client.recommend(customer(2), k=5)
        client.recommend(customer(3), k=5)
        client.delete_customers([customer(2)])
        client.recommend(customer(2), k=5)

    def gone(model, version):
        raise BundleNotFound(f"{model}/{version}")

    assert [one.problem for one in shown_signals(tmp_path, load)] == [FORGOTTEN, "", ""]
    assert [one.problem for one in shown_signals(tmp_path, gone)] == [NO_BUNDLE] * 3
    other = lambda *_: pipeline_of(described_model(engine=None))  # noqa: E731
    assert [one.problem for one in shown_signals(tmp_path, other)] == [RATED] * 3
    old = [replace(one, asked=None) for one in read_impressions(tmp_path)]
    monkeypatch.setattr(module, "read_impressions", lambda folder: old)
    assert [one.problem for one in shown_signals(tmp_path, load)] == [OLDER] * 3


def test_the_command_writes_a_table(tmp_path, every_list_is_kept):
    parts, golden = pack_model(MODEL), ask(MODEL)
    arrays = {**parts.arrays, **golden.arrays}
    written = write_bundle(
        tmp_path / "bundles", "default",
        BundleContents(arrays=arrays, documents=parts.documents, blobs=parts.blobs), version="v",
    )  # fmt: skip
    promote(tmp_path / "bundles", "default", "v")
    with worker(tmp_path / "log", MODEL) as client:
        live(client)
    log, out = tmp_path / "log", tmp_path / "shown.parquet"
    named = [replace(one, bundle_id=written.bundle_id) for one in read_impressions(log)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "read_impressions", lambda folder: named)
        done = CliRunner().invoke(
            impressions,
            ["--log", str(log), "--bundles", str(tmp_path / "bundles"), "--out", str(out), "--json"],
            catch_exceptions=False,
        )
    assert json.loads(done.stdout) == {"written": 7, "left_out": {}}
    table = pl.read_parquet(out)
    assert table.height == sum(len(one.item_ids) for one in named)
    assert {"impression_id", "rank", "item_id", "propensity", "item_cf:score", "own:taken"} <= set(table.columns)
