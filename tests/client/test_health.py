import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2

from shortlist_client import Client, Retry, Unavailable, Unsupported, aio
from shortlist_client.health import health_check


def test_a_healthy_server_is_serving(client, fake):
    fake.set_serving(True)

    assert client.is_serving()
    client.wait_until_serving(timeout=30.0)


def test_a_server_that_says_it_is_not_serving_is_not(client, fake):
    fake.set_serving(False)

    assert not client.is_serving(timeout=0.2)
    with pytest.raises(Unavailable, match=r"within 0\.1 s"):
        client.wait_until_serving(timeout=0.1)


def test_nobody_listening_is_not_serving():
    with Client("127.0.0.1:1") as shortlist:
        assert not shortlist.is_serving(timeout=0.2)
        with pytest.raises(Unavailable):
            shortlist.wait_until_serving(timeout=0.1)


@pytest.mark.parametrize("status", list(health_pb2.HealthCheckResponse.ServingStatus.values()))
def test_the_hand_made_messages_are_those_of_the_protocol(status):
    call = health_check(1.0)

    assert call.payload == health_pb2.HealthCheckRequest().SerializeToString()
    reply = health_pb2.HealthCheckResponse(status=status).SerializeToString()
    assert call.read(reply) == (status == health_pb2.HealthCheckResponse.SERVING)


def test_waiting_ends_as_soon_as_the_server_serves(client, fake):
    fake.set_serving(False)
    threading.Timer(0.1, fake.set_serving, [True]).start()

    client.wait_until_serving(timeout=30.0)

    assert client.recommend("c").item_ids == ("i1", "i2")


def test_the_asyncio_client_waits_and_asks_too(fake):
    async def ask():
        async with aio.Client(fake.address, timeout=30.0) as shortlist:
            await shortlist.wait_until_serving(timeout=30.0)
            serving = await shortlist.is_serving()
            fake.set_serving(False)
            with pytest.raises(Unavailable):
                await shortlist.wait_until_serving(timeout=0.1)
            return serving, await shortlist.is_serving(timeout=0.2)

    assert asyncio.run(ask()) == (True, False)


def test_a_server_without_the_health_service_is_an_error_not_an_answer():
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}", timeout=30.0) as shortlist, pytest.raises(Unsupported):
            shortlist.is_serving()
    finally:
        server.stop(None).wait()


def test_calls_go_round_all_addresses(fake_servers):
    fakes = [fake_servers(), fake_servers()]
    with Client([fake.address for fake in fakes], timeout=30.0) as shortlist:
        deadline = time.monotonic() + 30
        while not all(fake.requests for fake in fakes) and time.monotonic() < deadline:
            shortlist.recommend("c")
        before = [len(fake.requests) for fake in fakes]
        for _ in range(10):
            shortlist.recommend("c")

    assert [len(fake.requests) - made for fake, made in zip(fakes, before, strict=True)] == [5, 5]


def test_an_unhealthy_server_gets_no_calls(fake_servers):
    fit, unfit = fake_servers(), fake_servers()
    unfit.set_serving(False)
    with Client([fit.address, unfit.address], timeout=30.0, retry=Retry(attempts=1)) as shortlist:
        for _ in range(10):
            shortlist.recommend("c")

    assert (len(fit.requests), len(unfit.requests)) == (10, 0)


def test_a_dead_address_goes_unnoticed(fake):
    with Client([fake.address, "127.0.0.1:1"], timeout=30.0) as shortlist:
        for _ in range(10):
            shortlist.recommend("c")

    assert len(fake.requests) == 10
