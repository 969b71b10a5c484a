import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from shortlist_client import (
    Cancelled,
    Client,
    DeadlineExceeded,
    Overloaded,
    Retry,
    ShortlistError,
    Unavailable,
    UsageError,
    aio,
)

QUICK = Retry(initial_backoff=0.01, max_backoff=0.02)


def come_back_in(seconds):
    return error_details_pb2.RetryInfo(retry_delay=Duration(seconds=int(seconds), nanos=round(seconds % 1 * 1e9)))


def ask_both(fake, retry=QUICK, timeout=30.0):
    """The outcome of one call with each client, as (item ids or error, requests made)."""
    return [outcome_of(fake, ask, retry, timeout) for ask in (ask_sync, ask_aio)]


def ask_sync(fake, retry, timeout):
    with Client(fake.address, timeout=timeout, retry=retry) as shortlist:
        return shortlist.recommend("c").item_ids


def ask_aio(fake, retry, timeout):
    async def ask():
        async with aio.Client(fake.address, timeout=timeout, retry=retry) as shortlist:
            return (await shortlist.recommend("c")).item_ids

    return asyncio.run(ask())


def outcome_of(fake, ask, retry, timeout):
    script, before = list(fake.answers), len(fake.requests)
    try:
        outcome = ask(fake, retry, timeout)
    except Exception as error:
        outcome = type(error)
    made = len(fake.requests) - before
    fake.answers.clear()
    fake.answers.extend(script)
    return outcome, made


PASSING = [(grpc.StatusCode.UNAVAILABLE, Unavailable), (grpc.StatusCode.CANCELLED, Cancelled)]
"""What a server says that starts, stops or is gone, and the error of it."""


@pytest.mark.parametrize(("code", "_error"), PASSING)
def test_a_server_that_is_briefly_unavailable_goes_unnoticed(fake, code, _error):
    for _ in range(3):
        fake.refuse(code)

    assert ask_both(fake) == [(("i1", "i2"), 4)] * 2


@pytest.mark.parametrize(("code", "error"), PASSING)
def test_four_attempts_are_all(fake, code, error):
    for _ in range(4):
        fake.refuse(code)

    assert ask_both(fake) == [(error, 4)] * 2


@pytest.mark.parametrize(("code", "error"), PASSING)
def test_one_attempt_means_one(fake, code, error):
    fake.refuse(code)

    assert ask_both(fake, Retry(attempts=1)) == [(error, 1)] * 2


def test_what_the_caller_itself_cancels_is_not_tried_again(fake):
    async def ask():
        async with aio.Client(fake.address, timeout=30.0, retry=QUICK) as shortlist:
            asking = asyncio.create_task(shortlist.recommend("c"))
            await asked(fake)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            fake.free.set()
            return (await shortlist.recommend("another")).item_ids

    fake.free.clear()
    assert asyncio.run(ask()) == ("i1", "i2")
    assert [request.customer_id for request in fake.requests] == ["c", "another"]


def test_closing_the_client_ends_its_calls_for_good(fake):
    shortlist = Client(fake.address, timeout=30.0, retry=QUICK)
    fake.free.clear()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(shortlist.recommend, "c")
        asyncio.run(asked(fake))
        shortlist.close()
        assert isinstance(asking.exception(30.0), Cancelled)
    fake.free.set()

    assert ask_sync(fake, QUICK, 30.0) == ("i1", "i2")
    assert len(fake.requests) == 2


async def asked(fake):
    while not fake.requests:
        await asyncio.sleep(0.001)


def test_an_overloaded_server_is_asked_once_more_when_it_invites_that(fake):
    fake.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", come_back_in(0.01))

    assert ask_both(fake) == [(("i1", "i2"), 2)] * 2


def test_an_overloaded_server_is_not_asked_a_third_time(fake):
    for _ in range(2):
        fake.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", come_back_in(0.01))

    assert ask_both(fake) == [(Overloaded, 2)] * 2


def test_an_overloaded_server_that_invites_nothing_is_left_alone(fake):
    fake.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")

    assert ask_both(fake) == [(Overloaded, 1)] * 2


def test_the_pause_must_fit_into_the_timeout(fake):
    fake.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", come_back_in(90))

    began = time.monotonic()
    assert ask_both(fake, timeout=80.0) == [(Overloaded, 1)] * 2
    assert time.monotonic() - began < 80.0


def test_the_pause_is_never_shorter_than_the_server_asked_for():
    error = Overloaded("busy", retry_after=0.1)

    pauses = [Retry().overload_pause(error, remaining=1.0) for _ in range(100)]

    assert all(0.1 <= pause <= 0.12 for pause in pauses)
    assert len(set(pauses)) > 1


def test_no_further_attempt_where_it_is_switched_off_or_uninvited():
    invited, uninvited = Overloaded("busy", retry_after=0.1), Overloaded("busy")

    assert Retry(when_overloaded=False).overload_pause(invited, remaining=1.0) is None
    assert Retry().overload_pause(uninvited, remaining=1.0) is None
    assert Retry().overload_pause(Unavailable("down", retry_after=0.1), remaining=1.0) is None


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ABORTED])
def test_nothing_else_is_tried_again(client, fake, code):
    fake.refuse(code)

    with pytest.raises(ShortlistError, match=code.name.lower().replace("_", " ")):
        client.recommend("c")

    assert len(fake.requests) == 1


def test_a_call_ends_with_its_timeout(client, fake):
    fake.delay = 0.1

    with pytest.raises(DeadlineExceeded):
        client.recommend("c", timeout=0.02)


@pytest.mark.parametrize(
    "settings", [{"attempts": 0}, {"attempts": 6}, {"initial_backoff": 0}, {"initial_backoff": 2.0, "max_backoff": 1.0}]
)
def test_a_retry_that_cannot_be_is_refused(settings):
    with pytest.raises(UsageError, match="Retry"):
        Retry(**settings)
