"""Several processes on one port, and a parent that keeps them alive."""

import os
import signal
import socket
import urllib.request
from pathlib import Path

import grpc
import pytest
from calls import until
from processes import LONGEST
from test_drain import LEAVING, under_load
from valid_requests import recommend

from shortlist.v1 import recommender_service_pb2_grpc
from shortlist_server.errors import CannotServe
from shortlist_server.workers import reserved_port


def children(process):
    """The ids of the workers: children that are Python spawned to serve, not its resource tracker."""
    found = Path(f"/proc/{process.process.pid}/task/{process.process.pid}/children").read_text().split()
    return [int(child) for child in found if b"spawn_main" in command_line(child)]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def answers(address):
    """Whether a new connection gets an answer."""
    with grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            recommender_service_pb2_grpc.RecommenderServiceStub(channel).Recommend(recommend(), timeout=LONGEST)
        except grpc.RpcError:
            return False
        return True


def test_two_workers_share_a_port_and_drain_together(start):
    process = start(workers=2, seconds=0.01, grace=60.0, drain_wait=LEAVING).wait_until_serving()
    assert process.news["workers"] == 2
    assert len(children(process)) == 2
    load = under_load(process, process.signal)
    assert load.answered >= 50
    assert not load.failed
    assert process.wait() == (0, "")


def test_a_dead_worker_is_replaced(start):
    process = start(workers=2).wait_until_serving()
    before = set(children(process))
    killed = before.copy().pop()
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(set(children(process)) - before) == 1)
    assert killed not in children(process)
    until(lambda: all(answers(process.address) for _ in range(4)))
    process.signal()
    code, errors = process.wait()
    assert code == 0
    assert "exit code -9" in errors
    assert "starts again in 0.1 s" in errors


def test_workers_follow_their_parent(start):
    process = start(workers=2, grace=1.0).wait_until_serving()
    workers = children(process)
    process.signal(signal.SIGKILL)
    # A zombie that nobody has collected yet has no command line any more.
    until(lambda: not any(command_line(worker) for worker in workers))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_never_loads_never_serves(start, workers):
    process = start("load_never", workers=workers)
    code, errors = process.wait()
    assert code == 1
    assert "this bundle never loads" in errors
    assert process.rest() == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_is_not_shared(start, workers):
    first = start(workers=workers).wait_until_serving()
    second = start("load", workers, 1.0, 0.0, 0.0, first.news["port"])
    code, errors = second.wait()
    assert code == 1
    assert "choose another --host or --port" in errors
    assert answers(first.address)


def test_a_port_can_be_taken_again_at_once(start):
    """Connections of the one before may linger in TIME_WAIT."""
    first = start(workers=2).wait_until_serving()
    assert answers(first.address)
    first.signal()
    first.wait()
    second = start("load", 2, 1.0, 0.0, 0.0, first.news["port"]).wait_until_serving()
    assert second.news["port"] == first.news["port"]


def test_a_signal_before_the_workers_listen_to_it_stops_them(start):
    process = start("load_slowly", workers=2)
    until(lambda: len(children(process)) == 2)
    process.signal()
    assert process.wait() == (0, "")


def test_a_signal_while_the_workers_load_stops_them(start):
    process = start("load_slowly", workers=2).wait_until("loading").wait_until("loading")
    process.signal()
    assert process.wait() == (0, "")


def test_the_socket_that_reserves_a_port_takes_no_connections():
    with reserved_port("127.0.0.1", 0) as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1.0)


def test_an_address_of_another_machine_cannot_be_served():
    with pytest.raises(CannotServe, match=r"192\.0\.2\.1:50051"), reserved_port("192.0.2.1", 50051):
        pass


def test_one_address_tells_the_counts_of_all_workers_also_of_those_that_died(start):
    process = start("load", 2, 5.0, 0.1, 0.0, 0, "127.0.0.1:0").wait_until_serving()

    def counted():
        with urllib.request.urlopen(f"http://{process.news['metrics']}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("shortlist_lists_total "))

    for _ in range(20):
        assert answers(process.address)
    until(lambda: counted() == 20)
    before = set(children(process))
    os.kill(before.copy().pop(), signal.SIGKILL)
    until(lambda: len(set(children(process)) - before) == 1)
    assert counted() == 20
    until(lambda: all(answers(process.address) for _ in range(4)))
    until(lambda: counted() >= 24)
