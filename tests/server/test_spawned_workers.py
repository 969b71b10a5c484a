"""Two worker processes that share a port and a log, as `shortlist serve --workers 2 --log` spawns them."""

import json
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import grpc
import pytest
from item_sides import described_model
from programs import shortlist
from small_models import LOG_END, customer, item
from test_changes import CHEESE, RETRIEVABLE, SEEN_AT_ONCE, ids, until
from test_workers import command_line

from shortlist_bundle.files import BundleContents, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.packing import pack_model
from shortlist_client import Client, FeedbackEvent, NotFound, Seen

LONGEST = 120.0
MOST_CHANNELS = 64
"""The kernel spreads connections by chance: that so many all go to one of two workers does not happen."""
ESTABLISHED = "01"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    model = described_model()
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays}, documents=parts.documents, blobs=parts.blobs
    )  # fmt: skip
    write_bundle(folder, "default", contents, version="one")
    promote(folder, "default", "one")
    return folder


@contextmanager
def spawned(bundles, log):
    """Run the program with two workers; yield its address and the workers' ids; end it as an operator does."""
    command = shortlist(
        "serve", "--bundles", bundles, "--log", log, "--workers", 2, "--port", 0, "--json", "--clock", "log_end",
        "--drain-wait", 0, "--grace", 1,
    )  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line, "the server has ended"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        workers = [int(child) for child in children if b"spawn_main" in command_line(child)]
        assert len(workers) == 2
        yield json.loads(line)["address"], workers
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONGEST) == 0
        process.stdout.close()


def sockets(pid):
    """Return the inodes of a process's sockets."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def connections(port):
    """Return the inodes of the server's ends of the connections to a port."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[place] for place in (1, 3, 9))
            if int(local.rsplit(":", 1)[1], 16) == port and state == ESTABLISHED:
                found.add(inode)
    return found


@contextmanager
def clients(address, workers):
    """Yield a client of each worker: connections are opened until each has one, and /proc says whose it is."""
    port, found = int(address.rsplit(":", 1)[1]), {}
    with ExitStack() as stack:
        for _ in range(MOST_CHANNELS):
            before = connections(port)
            channel = stack.enter_context(
                grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
            )
            grpc.channel_ready_future(channel).result(LONGEST)
            until(lambda before=before: connections(port) - before, LONGEST)
            new = connections(port) - before
            (owner,) = [pid for pid in workers if sockets(pid) & new]
            found.setdefault(owner, stack.enter_context(Client(channel=channel, timeout=30.0)))
            if len(found) == len(workers):
                break
        assert set(found) == set(workers)
        yield [found[pid] for pid in workers]


def test_what_one_worker_records_the_other_answers_from(bundles, tmp_path):
    log = tmp_path / "log"
    with spawned(bundles, log) as (address, workers), clients(address, workers) as (one, other):
        alternating(one, other, rounds=4)
        position = one.upsert_items(CHEESE).position
        assert "cheese" in ids(other.recommend(customer(2), k=31, after_position=position))
        gone = other.delete_items([item(3)]).position
        assert item(3) not in ids(one.recommend(customer(2), k=31, after_position=gone))
        lists = [[(found.item_id, found.score) for found in one.recommend(customer(1), k=31, after_position=gone)]]
        lists += [[(found.item_id, found.score) for found in other.recommend(customer(1), k=31)]]
        assert lists[0] == lists[1]
    with spawned(bundles, log) as (address, workers), clients(address, workers) as again:
        for worker in again:
            assert [(found.item_id, found.score) for found in worker.recommend(customer(1), k=31)] == lists[0]
            assert worker.get_item("cheese").live
            with pytest.raises(NotFound):
                worker.get_item(item(3))


def alternating(one, other, *, rounds):
    """Record at one worker, ask at the other, in turns; once with the position and once without."""
    for number in range(rounds):
        recording, answering = (one, other) if number % 2 else (other, one)
        name = customer(1 + number % 5)
        event = FeedbackEvent(customer_id=name, item_id=item(10 + number), timestamp=LOG_END + number)
        position = recording.record(event).position
        assert item(10 + number) not in ids(answering.recommend(name, k=30, seen=Seen.EXCLUDE, after_position=position))
        unnamed = FeedbackEvent(customer_id=f"new-{number}", item_id=item(10 + number), timestamp=LOG_END + number)
        recording.record(unnamed)
        until(partial(known, answering, unnamed.customer_id), SEEN_AT_ONCE)


def known(worker, name):
    return worker.recommend(name, k=3).known_customer


def listed(worker, name):
    return name in ids(worker.recommend(customer(2), k=60))


def gone(worker, name):
    return not listed(worker, name)


@pytest.mark.slow
def test_workers_agree_for_long(bundles, tmp_path):
    """Fifteen rounds of everything that changes, at alternating workers, with and without positions."""
    with spawned(bundles, tmp_path / "log") as (address, workers), clients(address, workers) as pair:
        alternating(*pair, rounds=15)
        for number in range(15):
            writing, reading = pair[number % 2], pair[1 - number % 2]
            new = f"cheese-{number}"
            stored = type(CHEESE)(item_id=new, attributes=CHEESE.attributes)
            assert writing.upsert_items(stored).stored == 1
            for worker in pair:
                until(partial(listed, worker, new), RETRIEVABLE)
            assert writing.delete_items([new]).deleted == 1
            for worker in (writing, reading):
                until(partial(gone, worker, new), RETRIEVABLE)


@pytest.mark.slow
def test_the_wait_would_show_a_worker_that_does_not_follow(bundles, tmp_path):
    """The control: a worker of another log never sees it, and the wait says so."""
    with (
        spawned(bundles, tmp_path / "log") as (address, workers),
        clients(address, workers) as (one, _),
        spawned(bundles, tmp_path / "other") as (elsewhere, _),
        Client(elsewhere, timeout=30.0) as another,
    ):
        one.record(FeedbackEvent(customer_id="new", item_id=item(3), timestamp=LOG_END))
        with pytest.raises(AssertionError, match="did not come true"):
            until(partial(known, another, "new"), SEEN_AT_ONCE)
