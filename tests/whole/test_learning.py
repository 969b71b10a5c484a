"""The whole loop: serve, record, take in items, retrain from the log, promote under load, roll back; nothing is lost.

The short journey swaps pipelines of one bundle in this process; the long one runs the programs and really trains.
"""

import json
import shutil
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from planted import CATEGORIES, SHOP_CONFIG, WORDS, customer_id, favourites, item_id

from shortlist_bundle.changes.change import EventRecorded
from shortlist_bundle.changes.log import START
from shortlist_bundle.changes.reading import Reader, read_all
from shortlist_bundle.files import resolve
from shortlist_bundle.impressions.reading import read_impressions
from shortlist_client import Admin, Client, EventOutcome, Exploration, FeedbackEvent, Item, Seen
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings

PROGRAM = str(Path(sys.executable).with_name("shortlist"))
TRIED = Exploration(policy="thompson", slots=(4,))
LENGTH, BESIDE = 5, 6
"""Items of a list, and those that a customer takes besides on a day."""
CUSTOMERS = range(0, 120, 6)


def liked(number):
    """Return what a customer likes from now on, which is neither of the kinds that their log is full of."""
    old = favourites(number)
    return next(kind % CATEGORIES for kind in range(old[0] + 1, old[0] + 4) if kind % CATEGORIES not in old)


def kind_of(name):
    """Return the category of an item's id, also of a new one's."""
    return int(name.removeprefix("new-").removeprefix("i")) % CATEGORIES


@dataclass
class Customers:
    """Simulated customers, and everything that was acknowledged to them."""

    client: Client
    recorded: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def day(self):
        """Let each ask for a list, take from it and besides what they like, and return the mean share that is liked."""
        rewards, position = [], ""
        for number in CUSTOMERS:
            found = self.client.recommend(
                customer_id(number), k=LENGTH, exploration=TRIED, seen=Seen.INCLUDE, after_position=position
            )
            self.shown.append(found.impression_id)
            good = [one for one in found if kind_of(one.item_id) == liked(number)]
            rewards.append(len(good) / LENGTH)
            position = self._record(number, found, good)
        return float(np.mean(rewards))

    def days(self, count):
        """Live through some days, and return what the last one came to."""
        return [self.day() for _ in range(count)][-1]

    def _record(self, number, found, good):
        events = [
            FeedbackEvent(
                customer_id=customer_id(number), item_id=one.item_id, impression_id=found.impression_id, rank=one.rank
            )
            for one in good
        ]
        for maker in range(BESIDE):
            beside = item_id(liked(number) + CATEGORIES * maker)
            events.append(FeedbackEvent(customer_id=customer_id(number), item_id=beside))
        done = self.client.record(events)
        assert set(done.outcomes) == {EventOutcome.RECORDED}
        self.recorded += [event.event_id for event in events]
        return done.position


class Load:
    """Callers who ask without a pause while something is done, and may not fail."""

    def __init__(self, address, threads=2):
        self.versions, self.failures, self.answered = set(), [], 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(address, number)) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, address, number):
        with Client(address, timeout=300.0) as client:
            while not self._over.is_set():
                try:
                    found = client.recommend(customer_id(number), k=LENGTH)
                    assert len(found) == LENGTH
                    self.versions.add(found.bundle.version)
                    self.answered += 1
                except Exception as error:
                    self.failures.append(error)

    def until_seen(self, version):
        """Wait until an answer has come from a version."""
        waited = threading.Event()
        for _ in range(1_200):
            if version in self.versions or self.failures:
                return
            waited.wait(0.05)


def new_items(client):
    """Let an item of each kind in that nobody has seen, and check that it is offered."""
    items = [
        Item(
            item_id=f"new-{kind}",
            attributes={"category": WORDS[kind], "price": 5.0, "title": f"the {WORDS[kind]} of maker number 9"},
        )
        for kind in range(CATEGORIES)
    ]  # fmt: skip
    position = client.upsert_items(items).position
    known = [item_id(number) for number in range(60)]
    found = client.recommend(customer_id(0), k=CATEGORIES, exclude_items=known, after_position=position)
    assert {one.item_id for one in found} == {item.item_id for item in items}


def assert_nothing_is_lost(log, customers):
    """Look for everything that was acknowledged, and for every list."""
    with closing(Reader(log)) as reader:
        changes = [change for _, change in read_all(reader, START, reader.newest())]
        assert not reader.damaged
    events = [change.event_id for change in changes if isinstance(change, EventRecorded)]
    assert sorted(events) == sorted(customers.recorded)
    kept = {one.impression_id for one in read_impressions(log)}
    assert set(customers.shown) <= kept


def test_a_short_journey(shop, tmp_path):
    def named(version):
        return Pipeline(shop.served, name="default", version=version, bundle_id=version * 64, clock=ClockPolicy.LOG_END)

    server = Server(ServeSettings(port=0, log=tmp_path, impressions=1.0, drain_wait=0.0, grace=0.2))
    address = f"127.0.0.1:{server.start()}"
    server.put(named("1"))
    try:
        with Client(address, timeout=300.0) as client:
            customers = Customers(client)
            before = customers.day()
            new_items(client)
            with Load(address) as load:
                server.put(named("2"))
                load.until_seen("2")
                after = customers.days(3)
                server.put(named("1"))
            assert client.recommend(customer_id(0), k=1).bundle.version == "1"
            assert not load.failures
            assert "2" in load.versions
            assert after > before + 0.1
    finally:
        server.drain()
    assert_nothing_is_lost(tmp_path, customers)


@contextmanager
def served(bundles, log):
    command = [PROGRAM, "serve", "--bundles", str(bundles), "--port", "0", "--clock", "log_end", "--json"]
    command += ["--log", str(log), "--impressions", "1", "--admin", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stdout.close()


@pytest.mark.slow
def test_a_long_journey(trained, tmp_path):
    bundles, log, config = tmp_path / "bundles", tmp_path / "log", tmp_path / "config.toml"
    shutil.copytree(trained.bundles, bundles)
    config.write_text(SHOP_CONFIG)
    first = resolve(bundles, "default", "stable")
    with served(bundles, log) as news, Client(news["address"], timeout=300.0) as client, Admin(news["admin"]) as admin:
        customers = Customers(client)
        before = customers.day()
        new_items(client)
        online = customers.days(3)
        data = ["--data", str(trained.data), "--data", f"log+{log}", "--config", str(config)]
        command = [PROGRAM, "train", *data, "--bundles", str(bundles), "--alias", "next", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1_200)
        assert done.returncode == 0, done.stderr
        second = json.loads(done.stdout)["bundle"]["version"]
        with Load(news["address"]) as load:
            # By force: each bundle was judged on the end of its own log, and the shop has changed in between.
            admin.promote(second, expected_current=first, force=True)
            load.until_seen(second)
            after = customers.day()
            # What was taken in live has become an item of the bundle.
            assert client.get_item("new-0").live is False
            admin.rollback(expected_current=second)
            back = client.recommend(customer_id(0), k=1).bundle.version
        assert back == first
        assert not load.failures
        assert load.versions == {first, second}
        assert online > before + 0.1
        assert after > before + 0.2
    assert_nothing_is_lost(log, customers)
