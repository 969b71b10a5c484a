"""Feedback through the real client, the real server and the program: recorded once, and there after a restart."""

import json
from contextlib import contextmanager
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from small_models import pipeline_of

from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_client import BadRequest, Client, EventOutcome, FeedbackEvent, Unsupported
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings

PROGRAM = str(Path(executable).with_name("shortlist"))


@contextmanager
def served(log):
    server = Server(ServeSettings(port=0, log=log, drain_wait=0.0, grace=0.2))
    port = server.start()
    server.put(pipeline_of())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.drain()


def kept(log):
    reader = Reader(log)
    try:
        return [change for _, change in read_all(reader, START, reader.newest())]
    finally:
        reader.close()


def test_a_taking_of_what_was_shown_is_recorded_once_across_a_restart(tmp_path):
    with served(tmp_path) as address, Client(address, timeout=300.0) as client:
        shown = client.recommend("no-such-customer", k=3)
        taken = FeedbackEvent(
            customer_id="c1", item_id=shown[1].item_id, impression_id=shown.impression_id, rank=shown[1].rank
        )
        first = client.record(taken)
        assert first.outcomes == (EventOutcome.RECORDED,)
        bad = client.record([taken, FeedbackEvent(customer_id="", item_id="x")])
        assert bad.outcomes == (EventOutcome.DUPLICATE, EventOutcome.REJECTED)
        assert isinstance(bad.errors[1], BadRequest)
    with served(tmp_path) as address, Client(address, timeout=300.0) as client:
        assert client.record(taken).outcomes == (EventOutcome.DUPLICATE,)
        many = [FeedbackEvent(customer_id="c2", item_id="x") for _ in range(10_001)]
        assert client.record_run(many).recorded == 10_001
        again = client.record_run(many)
        assert (again.recorded, again.duplicates) == (0, 10_001)
    found = kept(tmp_path)
    assert len(found) == 10_002
    assert (found[0].item_id, found[0].impression_id, found[0].rank) == (taken.item_id, shown.impression_id, 1)


def test_without_a_log_the_client_says_that_it_is_switched_off():
    with served(None) as address, Client(address, timeout=300.0) as client:
        with pytest.raises(Unsupported, match="--log"):
            client.record(FeedbackEvent(customer_id="c", item_id="i"))
        with pytest.raises(Unsupported, match="--log"):
            client.record_run([FeedbackEvent(customer_id="c", item_id="i")])


def test_the_program_records_a_file_once(tmp_path):
    events = tmp_path / "events.csv"
    events.write_text("customer_id,item_id,timestamp,value\nc1,i1,2020-01-01,1\nc1,i2,2020-01-02,2\n,,,\nc1,i3,x,1\n")
    good = tmp_path / "good.csv"
    good.write_text("customer_id,item_id,timestamp,value\nc1,i1,2020-01-01,1\nc1,i2,2020-01-02,-2\n")
    with served(tmp_path / "log") as address:

        def record(*arguments):
            return run(
                [PROGRAM, "record", *arguments, "--server", address], capture_output=True, text=True, timeout=300
            )

        refused = record("--events", str(events))
        assert refused.returncode == 2
        assert "events.csv, row 3" in refused.stderr
        for recorded, duplicates in ((1, 0), (0, 1)):
            done = record("--events", str(good), "--json")
            found = json.loads(done.stdout)
            assert (found["recorded"], found["duplicates"], found["rejected"]) == (recorded, duplicates, 1)
            assert "value" in found["errors"]["1"]
            assert done.returncode == 1
        single = record("c9", "i9", "--event", "click", "--event-id", "one")
        assert single.returncode == 0, single.stderr
        assert "recorded 1" in single.stdout
    assert [(change.customer_id, change.event) for change in kept(tmp_path / "log")] == [("c1", ""), ("c9", "click")]
