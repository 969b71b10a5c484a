"""The head learns over the wire: lists and events of one log, in every server that follows it, and after a restart."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace

import numpy as np
from calls import SETTINGS, until
from item_sides import described_model
from small_models import LOG_END, customer

from shortlist_bundle.changes.change import ListShown
from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader
from shortlist_bundle.model import head_of
from shortlist_client import Client, Exploration, FeedbackEvent, Item
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.serving import Server

MODEL = described_model()
PRIOR = head_of(MODEL)
DRAWN = Exploration(policy="thompson", slots=(1, 3))


@contextmanager
def worker(folder, impressions=1.0, bundle_id="0" * 64):
    """Run what a worker process runs; yield a client of it alone, and what it knows."""
    server = Server(replace(SETTINGS, log=folder, impressions=impressions))
    port = server.start()
    server.put(Pipeline(MODEL, name="default", version="v", bundle_id=bundle_id, clock=ClockPolicy.LOG_END))
    try:
        with Client(f"127.0.0.1:{port}", timeout=60.0) as client:
            yield client, lambda: server._loaded.current().current.exploring.posterior
    finally:
        server.drain()


def take(client, shown, place):
    event = FeedbackEvent(
        customer_id=customer(2), item_id=shown[place].item_id, timestamp=LOG_END, impression_id=shown.impression_id,
        rank=place,
    )  # fmt: skip
    return client.record(event)


def assert_same(one, other):
    for name in ("precision", "vector", "mean"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.rewards == other.rewards


def test_every_server_of_a_log_learns_the_same_and_still_knows_it_after_a_restart(tmp_path):
    with ExitStack() as stack:
        (one, knows), (other, other_knows) = (stack.enter_context(worker(tmp_path)) for _ in range(2))
        one.upsert_items(Item(item_id="cheese", attributes={"price": 7.0, "title": "title 3"}))
        for number in range(6):
            showing, recording = (one, other) if number % 2 else (other, one)
            shown = showing.recommend(customer(2), k=5, exploration=DRAWN)
            take(recording, shown, number % 5)
        until(lambda: knows().rewards == other_knows().rewards == 30)
        learnt = knows()
        assert_same(learnt, other_knows())
        assert not np.allclose(learnt.vector, PRIOR.vector)
        # What it expects of what was taken has risen, and each list was learnt once.
        assert np.trace(learnt.precision) > np.trace(PRIOR.precision)
    with worker(tmp_path) as (client, knows):
        assert_same(knows(), learnt)
        client.delete_customers([customer(2)])
        until(lambda: knows().rewards == 0)
        np.testing.assert_allclose(knows().precision, PRIOR.precision, atol=1e-9)
        np.testing.assert_allclose(knows().mean, PRIOR.mean, atol=1e-9)


def test_a_reward_is_there_at_its_position(tmp_path):
    with worker(tmp_path) as (client, knows):
        shown = client.recommend(customer(2), k=5, exploration=DRAWN)
        until(lambda: knows().rewards == 5)
        before = knows().vector
        position = take(client, shown, 0).position
        client.recommend(customer(2), k=5, exploration=DRAWN, after_position=position)
        assert not np.array_equal(knows().vector, before)


def test_only_lists_that_a_head_drew_and_that_were_kept_are_in_the_log(tmp_path):
    with worker(tmp_path / "all") as (client, knows):
        client.recommend(customer(2), k=5)
        client.recommend(customer(2), k=5, exploration=Exploration(policy="boltzmann"))
        client.recommend(k=5, exploration=DRAWN)
        until(lambda: knows().rewards == 5)
    (shown,) = [change for _, change in Reader(tmp_path / "all").read(START, limit=100)]
    assert isinstance(shown, ListShown)
    assert (shown.customer_id, len(shown.item_ids), shown.moment) == ("", 5, LOG_END)
    with worker(tmp_path / "none", impressions=0.0) as (client, knows):
        take(client, client.recommend(customer(2), k=5, exploration=DRAWN), 0)
        assert knows().rewards == 0
    assert all(not isinstance(change, ListShown) for _, change in Reader(tmp_path / "none").read(START, limit=100))


def test_another_bundle_does_not_learn_from_these_lists(tmp_path):
    with worker(tmp_path) as (client, knows):
        take(client, client.recommend(customer(2), k=5, exploration=DRAWN), 0)
        until(lambda: knows().rewards == 5)
    with worker(tmp_path, bundle_id="1" * 64) as (_, knows):
        assert knows().rewards == 0
