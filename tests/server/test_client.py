"""Our client and the real server: what becomes of reads when servers die, stop or are replaced."""

import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from calls import SETTINGS, listening, until
from fakes import FakePipeline
from processes import LONGEST
from test_drain import LEAVING
from test_workers import children

from shortlist_client import CallError, Cancelled, Client, Retry, Unavailable

CALLERS = 4
ONCE = Retry(attempts=1)


class Reads:
    """Callers who read one list after another, through one client, until the end of the block."""

    def __init__(self, *addresses, **settings):
        self.answered = 0
        self.failed = []
        self._client = Client(addresses, timeout=LONGEST, **settings)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(CALLERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_error):
        self._over.set()
        for thread in self._threads:
            thread.join(LONGEST)
        self._client.close()

    def go_on(self):
        """Wait until every caller has certainly been answered again, or one has failed."""
        enough = self.answered + 10 * CALLERS
        until(lambda: self.answered >= enough or self.failed)

    def _read(self):
        while not self._over.is_set():
            try:
                self._client.recommend("ann")
            except CallError as error:
                with self._lock:
                    self.failed.append(error)
                return
            with self._lock:
                self.answered += 1


def sockets(port, state):
    """The inodes of the sockets on a port of this machine that are in a state, of both families."""
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == state}


LISTENING, CONNECTED = "0A", "01"


def holder(process, port):
    """The worker to which this process is connected."""
    inodes = sockets(port, CONNECTED)
    (found,) = [worker for worker in children(process) if inodes & open_sockets(worker)]
    return found


def open_sockets(pid):
    links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    return {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}


@pytest.mark.parametrize("multiplex", [False, True])
def test_the_death_of_a_worker_goes_unnoticed(start, multiplex):
    process = start(workers=2, seconds=0.02).wait_until_serving()
    port = process.news["port"]
    with Reads(process.address, multiplex=multiplex) as reads:
        for _ in range(3):
            until(lambda: len(sockets(port, LISTENING)) == 2)
            os.kill(holder(process, port), signal.SIGKILL)
            reads.go_on()
    assert not reads.failed


@pytest.mark.parametrize("multiplex", [False, True])
def test_without_retries_the_death_of_a_worker_is_noticed(start, multiplex):
    """The negative control."""
    process = start(workers=2, seconds=0.02).wait_until_serving()
    with Reads(process.address, retry=ONCE, multiplex=multiplex) as reads:
        os.kill(holder(process, process.news["port"]), signal.SIGKILL)
        reads.go_on()
    assert reads.failed
    assert {error.status for error in reads.failed} == {"UNAVAILABLE"}


@pytest.mark.parametrize("multiplex", [False, True])
def test_a_rolling_restart_goes_unnoticed(start, multiplex):
    settings = {"seconds": 0.02, "grace": LONGEST, "drain_wait": LEAVING}
    old, other = (start(**settings).wait_until_serving() for _ in range(2))
    with Reads(old.address, other.address, multiplex=multiplex) as reads:
        old.signal()
        assert old.wait() == (0, "")
        reads.go_on()
        new = start("load_telling", 1, LONGEST, LEAVING, 0.02, old.news["port"]).wait_until_serving()
        new.wait_until("working")
        other.signal()
        assert other.wait() == (0, "")
        reads.go_on()
    assert not reads.failed


@pytest.mark.parametrize("multiplex", [False, True])
@pytest.mark.parametrize("retry", [Retry(), ONCE])
def test_what_a_stopping_server_breaks_off_another_answers(retry, multiplex):
    """Without grace, so that a call in flight is broken off for certain; without retries its caller hears of it."""
    stops, stays = FakePipeline(), FakePipeline()
    with (
        listening(stops, replace(SETTINGS, grace=0.0)) as (server, first),
        listening(stays) as (_, second),
        Client([first, second], timeout=LONGEST, retry=retry, multiplex=multiplex) as client,
        ThreadPoolExecutor(1) as pool,
        stops.held(),
    ):
        while not stops.running:
            call = pool.submit(client.recommend, "ann")
            until(lambda call=call: call.done() or stops.running)
        server.drain()
        if retry is ONCE:
            assert isinstance(call.exception(LONGEST), Cancelled | Unavailable)
        else:
            assert call.result(LONGEST).item_ids


@pytest.mark.parametrize("retry", [Retry(), ONCE])
def test_a_session_goes_on_when_its_server_stops(retry):
    """Without retries its caller hears of the stop, and the next message goes on all the same."""
    stops, stays = FakePipeline(), FakePipeline()
    with (
        listening(stops) as (first_server, first),
        listening(stays) as (second_server, second),
        Client([first, second], timeout=LONGEST, retry=retry) as client,
        client.session("ann") as session,
    ):
        assert session.event("apple").item_ids == ("bread", "cheese")
        leaving, staying = (first_server, stays) if len(first_server.places) else (second_server, stops)
        leaving.drain()
        if retry is ONCE:
            with pytest.raises(Unavailable):
                session.event("bread")
            assert session.recommend().item_ids == ("cheese",)
        else:
            assert session.event("bread").item_ids == ("cheese",)
        assert [event.item_id for event in staying.requests[-1].profile.history] == ["apple", "bread"]
