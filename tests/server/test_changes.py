"""Events, items and customers that change while several workers serve: over the wire, over one log on the disk."""

import asyncio
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal, serving
from fakes import FakePipeline
from item_sides import described_model
from small_models import LOG_END, customer, item

from shortlist.v1 import catalog_service_pb2 as catalog_pb
from shortlist.v1 import catalog_service_pb2_grpc, customer_service_pb2, customer_service_pb2_grpc, item_pb2, value_pb2
from shortlist_bundle.live.co_occurrence import CoOccurrence
from shortlist_client import BadRequest, Client, FeedbackEvent, Item, NotFound, Profile, Seen, Unsupported, aio
from shortlist_client.profile import Event
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.serving import Server

MODEL = described_model()
CHEESE = Item(
    item_id="cheese", attributes={"price": 7.0, "title": "title 3", "kind": "milk", "organic": True, "tags": ["even"]}
)
SEEN_AT_ONCE, RETRIEVABLE = 0.2, 1.0
"""Seconds within which a worker has seen an event, or an item, that another has recorded."""


def pipeline_of(model=MODEL, clock=ClockPolicy.LOG_END):
    return Pipeline(model, name="default", version="v", bundle_id="0" * 64, clock=clock)


@contextmanager
def worker(folder, model=MODEL, clock=ClockPolicy.LOG_END):
    """Run what a worker process runs, and yield a client of it alone."""
    with worker_at(folder, model, clock) as address, Client(address, timeout=30.0) as client:
        yield client


@contextmanager
def worker_at(folder, model=MODEL, clock=ClockPolicy.LOG_END):
    """Run the same, and yield its address."""
    server = Server(replace(SETTINGS, log=folder))
    port = server.start()
    server.put(pipeline_of(model, clock))
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.drain()


@pytest.fixture
def workers(tmp_path):
    """Two workers of one log."""
    with ExitStack() as stack:
        yield [stack.enter_context(worker(tmp_path / "log")) for _ in range(2)]


@pytest.fixture(scope="module")
def plain():
    """Serve the bundle alone."""
    with serving(pipeline_of()) as (_, channel), Client(channel=channel, timeout=30.0) as client:
        yield client


def ids(found):
    return [one.item_id for one in found]


def until(condition, seconds):
    """Wait for what has to come true within so many seconds of this process's own time; tell how long it took.

    A machine that does something else meanwhile must not fail the test, so a look at the clock counts at most 50 ms.
    """
    spent, last = 0.0, time.monotonic()
    while not condition():
        assert spent < seconds, f"did not come true within {seconds} s"
        time.sleep(0.005)
        now = time.monotonic()
        spent, last = spent + min(now - last, 0.05), now


def test_an_event_is_seen_at_its_position_by_any_worker(workers, plain, monkeypatch):
    """Workers alternate: one records, the other answers after the position at once, with no wait for its follower."""
    # What is counted over all customers is a matter of its own.
    monkeypatch.setattr(CoOccurrence, "take", lambda *_: None)
    history = []
    for number, name in enumerate([item(3), item(9), item(4), item(20)]):
        recording, answering = workers[number % 2], workers[(number + 1) % 2]
        event = FeedbackEvent(customer_id="new", item_id=name, timestamp=LOG_END + number)
        position = recording.record(event).position
        history.append(Event(item_id=name, timestamp=LOG_END + number))
        expected = plain.recommend("new", profile=Profile(history=history), k=30)
        found = answering.recommend("new", k=30, after_position=position)
        assert ids(found) == ids(expected)
        assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-5)
        assert found.known_customer
        (row,) = answering.recommend_batch(["new"], k=30, after_position=position)
        assert ids(row.result()) == ids(expected)


def test_every_worker_sees_an_event_in_a_moment_by_itself(workers):
    before = ids(workers[1].recommend("new", k=30))
    workers[0].record(FeedbackEvent(customer_id="new", item_id=item(3), timestamp=LOG_END))
    for one in workers:
        until(lambda one=one: ids(one.recommend("new", k=30)) != before, SEEN_AT_ONCE)


def test_a_session_answers_after_a_position_too(workers):
    position = workers[0].record(FeedbackEvent(customer_id="new", item_id=item(3), timestamp=LOG_END)).position
    with workers[1].session("new", k=30, after_position=position) as session:
        found = session.recommend(k=30)
    assert ids(found) == ids(workers[0].recommend("new", k=30, after_position=position))


def test_a_canary_answers_after_a_position_too(tmp_path, plain):
    """What a request waits for is the bundle that answers it, not the one that serves beside."""
    server = Server(replace(SETTINGS, log=tmp_path / "log"))
    port = server.start()
    canary = Pipeline(MODEL, name="default", version="w", bundle_id="1" * 64, clock=ClockPolicy.LOG_END)
    try:
        server.put(pipeline_of(), canary, 1.0)
        # It no longer follows by itself: only a request can bring it up to date.
        server._loaded.now.canary.close()
        with Client(f"127.0.0.1:{port}", timeout=30.0) as client:
            position = client.record(FeedbackEvent(customer_id="new", item_id=item(3), timestamp=LOG_END)).position
            found = client.recommend("new", k=30, after_position=position)
            second = client.record(FeedbackEvent(customer_id="other", item_id=item(3), timestamp=LOG_END)).position
            (row,) = client.recommend_batch(["other"], k=30, after_position=second)
    finally:
        server.drain()
    history = [Event(item_id=item(3), timestamp=LOG_END)]
    expected = plain.recommend("new", profile=Profile(history=history), k=30)
    assert found.bundle.id == "1" * 64
    assert found.known_customer
    assert ids(found) == ids(expected)
    assert row.result().known_customer


def test_a_position_that_the_log_does_not_have_is_refused(workers):
    for ahead in ("99999", str(2**63 - 1)):
        with pytest.raises(BadRequest) as caught:
            workers[0].recommend("new", after_position=ahead)
        assert list(caught.value.violations) == ["after_position"]


def test_a_new_item_is_found_by_every_worker(workers, plain):
    stored = workers[0].upsert_items(CHEESE)
    assert (stored.stored, dict(stored.errors)) == (1, {})
    assert stored.unknown_attributes == ("kind", "organic", "tags")
    for one in workers:
        until(lambda one=one: "cheese" in ids(one.recommend(customer(2), k=31)), RETRIEVABLE)
    for one in workers:
        found = one.recommend(customer(2), k=31, filter={"kind": "milk", "organic": True})
        expected = ids(plain.recommend(customer(2), k=31, filter={"kind": "milk", "organic": True}))
        assert sorted(ids(found)) == sorted([*expected, "cheese"])
        assert "cheese" not in ids(one.recommend(customer(2), k=31, filter={"kind": "nuts"}))
        known = one.get_item("cheese")
        assert known.live
        assert dict(known.item.attributes) == {**CHEESE.attributes, "tags": ("even",)}
    near = workers[1].similar_items("cheese", k=30)
    assert len(near) == 30
    assert "cheese" not in ids(near)
    assert "cheese" in ids(workers[1].similar_items(ids(near)[0], k=30))
    scored = workers[1].score(customer(2), items=["cheese"])
    assert 0 < next(iter(scored)).score < 1


def test_a_new_item_can_be_taken_and_is_seen_then(workers):
    position = workers[0].upsert_items(CHEESE).position
    event = FeedbackEvent(customer_id=customer(2), item_id="cheese", timestamp=LOG_END)
    # The worker that records may not have seen the item; the log has their order.
    position = workers[1].record(event).position
    for one in workers:
        found = one.recommend(customer(2), k=31, seen=Seen.EXCLUDE, after_position=position)
        assert "cheese" not in ids(found)
        found = one.recommend(customer(1), k=31, seen=Seen.INCLUDE, after_position=position)
        assert "cheese" in ids(found)


def test_an_item_is_had_from_when_until_when(workers):
    later = Item(
        item_id="later", attributes=CHEESE.attributes, available_from=LOG_END + 10, available_until=LOG_END + 20
    )
    position = workers[0].upsert_items(later).position
    for as_of, there in ((LOG_END, False), (LOG_END + 10, True), (LOG_END + 19, True), (LOG_END + 20, False)):
        found = workers[1].recommend(customer(2), k=31, as_of=as_of, after_position=position)
        assert ("later" in ids(found)) == there
    known = workers[1].get_item("later").item
    assert (known.available_from, known.available_until) == (LOG_END + 10, LOG_END + 20)


def test_an_item_that_is_taken_out_is_gone_at_once(workers):
    workers[0].upsert_items(CHEESE)
    gone = workers[0].delete_items(["cheese", item(3), "nothing", item(3)])
    assert (gone.deleted, gone.unknown) == (2, 2)
    assert not {"cheese", item(3)} & set(ids(workers[0].recommend(customer(2), k=31)))
    for one in workers:
        found = one.recommend(customer(2), k=31, after_position=gone.position)
        assert not {"cheese", item(3)} & set(ids(found))
        assert len(found) == 29
        for name in ("cheese", item(3)):
            with pytest.raises(NotFound):
                one.get_item(name)
            with pytest.raises(NotFound):
                one.score(customer(2), items=[name])
            with pytest.raises(NotFound):
                one.similar_items(name)
    back = workers[1].upsert_items(Item(item_id=item(3), attributes={"kind": "nuts"})).position
    assert item(3) in ids(workers[0].recommend(customer(2), k=31, after_position=back))


def test_an_item_of_the_bundle_is_known_by_its_table(plain, workers):
    for client in (plain, *workers):
        known = client.get_item(item(6))
        assert not known.live
        assert dict(known.item.attributes) == {
            "kind": "milk", "title": "title 6", "price": 3.0, "since": 60.0, "organic": False,
            "tags": ("even", "third"),
        }  # fmt: skip
    with pytest.raises(NotFound):
        plain.get_item("nothing")


def test_features_of_a_customer_count_at_once(workers, plain):
    features = {"age": 62.0, "town": "birch", "shoe": 44}
    stored = workers[0].upsert_customers({"new": features, customer(2): {"town": None}, "bad": {"age": "old"}})
    assert (stored.stored, stored.unknown_attributes) == (2, ("shoe",))
    assert list(stored.errors) == [2]
    assert list(stored.errors[2].violations) == ["features[age]"]
    expected = plain.recommend("new", profile=Profile(features={"age": 62.0, "town": "birch"}), k=30)
    found = workers[1].recommend("new", k=30, after_position=stored.position)
    assert ids(found) == ids(expected)


def test_a_forgotten_customer_is_a_stranger_everywhere_and_after_a_restart(workers, plain, tmp_path):
    workers[0].record(FeedbackEvent(customer_id="new", item_id=item(3), timestamp=LOG_END))
    workers[0].upsert_customers({"new": {"age": 62.0}})
    gone = workers[0].delete_customers(["new", customer(2), "nobody"])
    assert (gone.deleted, gone.unknown) == (2, 1)
    stranger = ids(plain.recommend("stranger", k=30))
    with worker(tmp_path / "log") as restarted:
        for one in (*workers, restarted):
            for name in ("new", customer(2)):
                found = one.recommend(name, k=30, after_position=gone.position)
                assert ids(found) == stranger
                assert not found.known_customer


def test_everything_is_there_after_a_restart(tmp_path):
    """A worker that starts anew replays the log, and answers as the one before it did."""
    with worker(tmp_path / "log") as before:
        before.upsert_items([CHEESE, Item(item_id=item(5), attributes={"kind": "nuts"})])
        before.delete_items([item(7)])
        before.upsert_customers({customer(3): {"age": 20.0}})
        for number in range(40):
            position = before.record(
                FeedbackEvent(
                    customer_id=customer(number % 4), item_id=item(1 + number % 30), timestamp=LOG_END + number
                )
            ).position
        names = [customer(n) for n in range(1, 5)]
        answers = [
            [(one.item_id, one.score) for one in before.recommend(name, k=31, after_position=position)]
            for name in names
        ]
    with worker(tmp_path / "log") as after:
        assert [[(one.item_id, one.score) for one in after.recommend(name, k=31)] for name in names] == answers
        assert after.get_item("cheese").live


def test_asyncio_has_the_same_verbs(tmp_path):
    async def ask(address):
        async with aio.Client(address, timeout=30.0) as client:
            position = (await client.upsert_items(CHEESE)).position
            found = await client.recommend(customer(2), k=31, after_position=position)
            assert "cheese" in ids(found)
            assert (await client.get_item("cheese")).live
            assert (await client.delete_items(["cheese"])).deleted == 1
            assert (await client.upsert_customers({"new": {"age": 62.0}})).stored == 1
            return (await client.delete_customers(["new"])).deleted

    with worker_at(tmp_path / "log") as address:
        assert asyncio.run(ask(address)) == 1


@contextmanager
def stubs(pipeline):
    with serving(pipeline) as (_, channel):
        yield (
            catalog_service_pb2_grpc.CatalogServiceStub(channel),
            customer_service_pb2_grpc.CustomerServiceStub(channel),
        )


def test_a_server_without_a_log_changes_nothing():
    with stubs(FakePipeline()) as (items, customers):
        calls = [
            (items.UpsertItems, catalog_pb.UpsertItemsRequest(items=[item_pb2.Item(item_id="a")])),
            (items.DeleteItems, catalog_pb.DeleteItemsRequest(item_ids=["a"])),
            (
                customers.UpsertCustomers,
                customer_service_pb2.UpsertCustomersRequest(
                    customers=[customer_service_pb2.CustomerFeatures(customer_id="a")]
                ),
            ),
            (customers.DeleteCustomers, customer_service_pb2.DeleteCustomersRequest(customer_ids=["a"])),
        ]
        for call, request in calls:
            found = refusal(call, request)
            assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")


def test_without_a_log_the_client_says_so(plain):
    with pytest.raises(Unsupported, match="--log"):
        plain.upsert_items(CHEESE)


BAD_ITEMS = {
    "item_id": item_pb2.Item(),
    "attributes[price]": item_pb2.Item(item_id="a", attributes={"price": value_pb2.Value(text="dear")}),
    "attributes[size]": item_pb2.Item(item_id="a", attributes={"size": value_pb2.Value(number=float("inf"))}),
    "available_from": item_pb2.Item(item_id="a", available_from=float("nan")),
    "available_until": item_pb2.Item(item_id="a", available_from=2.0, available_until=1.0),
}


@pytest.mark.parametrize(("field", "message"), BAD_ITEMS.items(), ids=BAD_ITEMS)
def test_a_row_stands_or_falls_alone(tmp_path, field, message):
    good = item_pb2.Item(item_id="good", attributes={"price": value_pb2.Value(integer=3)})
    with worker_at(tmp_path / "log") as address, grpc.insecure_channel(address) as channel:
        stub = catalog_service_pb2_grpc.CatalogServiceStub(channel)
        reply = stub.UpsertItems(catalog_pb.UpsertItemsRequest(items=[message, good]), timeout=30.0)
        known = stub.GetItem(catalog_pb.GetItemRequest(item_id="good"), timeout=30.0)
    (error,) = reply.errors
    assert (reply.stored_count, error.row) == (1, 0)
    assert error.status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert error.status.message.startswith(f"{field}: ")
    assert known.origin == catalog_pb.ITEM_ORIGIN_LIVE


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [
        ("UpsertItems", catalog_pb.UpsertItemsRequest(), "items"),
        ("UpsertItems", catalog_pb.UpsertItemsRequest(items=[item_pb2.Item(item_id="a")] * 1001), "items"),
        ("DeleteItems", catalog_pb.DeleteItemsRequest(), "item_ids"),
        ("DeleteItems", catalog_pb.DeleteItemsRequest(item_ids=["a", ""]), "item_ids[1]"),
        ("GetItem", catalog_pb.GetItemRequest(), "item_id"),
        ("GetItem", catalog_pb.GetItemRequest(item_id="x" * 257), "item_id"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(method, request_, field):
    with stubs(FakePipeline()) as (items, _):
        found = refusal(getattr(items, method), request_)
    assert (found.code, found.fields) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
