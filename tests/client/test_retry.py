import asyncio
import time

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from shortlist_client import Client, DeadlineExceeded, Overloaded, Retry, ShortlistError, Unavailable, UsageError, aio

QUICK = Retry(initial_backoff=0.01, max_backoff=0.02)


def come_back_in(seconds):
    return error_details_pb2.RetryInfo(retry_delay=Duration(nanos=round(seconds * 1e9)))


def ask_both(fake, retry=QUICK, timeout=5.0):
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


def test_a_server_that_is_briefly_unavailable_goes_unnoticed(fake):
    for _ in range(3):
        fake.refuse(grpc.StatusCode.UNAVAILABLE)

    assert ask_both(fake) == [(("i1", "i2"), 4)] * 2


def test_four_attempts_are_all(fake):
    for _ in range(4):
        fake.refuse(grpc.StatusCode.UNAVAILABLE)

    assert ask_both(fake) == [(Unavailable, 4)] * 2


def test_one_attempt_means_one(fake):
    fake.refuse(grpc.StatusCode.UNAVAILABLE)

    assert ask_both(fake, Retry(attempts=1)) == [(Unavailable, 1)] * 2


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
    fake.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", come_back_in(0.9))

    began = time.monotonic()
    assert ask_both(fake, timeout=0.8) == [(Overloaded, 1)] * 2
    assert time.monotonic() - began < 0.8


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
