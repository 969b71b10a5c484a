"""The client."""

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import grpc

from shortlist_client.channel import ChannelPlan
from shortlist_client.errors import UsageError
from shortlist_client.feedback import FeedbackEvent, RecordedRun
from shortlist_client.multiplexer import streams_of
from shortlist_client.options import CallOptions
from shortlist_client.sender import Sender
from shortlist_client.session import Session
from shortlist_client.session_verbs import SessionVerbs
from shortlist_client.settings import DEFAULT_RETRY, KeepAlive, Retry, Tls
from shortlist_client.signature import take_signature
from shortlist_client.translation.calls import Call
from shortlist_client.translation.feedback import RUN_PATH, joined_run, run_messages
from shortlist_client.verbs import Verbs

P = ParamSpec("P")
Reply = TypeVar("Reply")


def _sent(verb: Callable[Concatenate[Verbs, P], Call[Reply]]) -> Callable[Concatenate["Client", P], Reply]:
    """Return the method that sends the verb's call and waits for its answer."""

    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Reply:
        return self._open_sender().send(verb(self._verbs, *args, **kwargs))

    return take_signature(method, verb)


def _opened(verb: Callable[Concatenate[Verbs, P], SessionVerbs]) -> Callable[Concatenate["Client", P], Session]:
    """Return the method that makes the session whose verbs these are."""

    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Session:
        return Session(self._open_sender, verb(self._verbs, *args, **kwargs))

    return take_signature(method, verb, Session)


class Client:
    """Asks a recommendation server. Open it once, use it from any thread, close it at the end.

    `with Client("localhost:50051", timeout=0.2) as shortlist: shortlist.recommend("customer-42", k=20)`

    Every method takes `timeout` in seconds, and raises `CallError` or one of its kinds (see `errors`).

    Args:
        addresses: One "host:port" or several. Calls go round all servers that report themselves healthy.
        timeout: Seconds that a call may take, all its attempts together, unless the call says otherwise.
        model: Name of the model that answers, unless the call says otherwise; empty for the server's default.
        placement: Name of the placement whose policy applies, unless the call says otherwise.
        retry: When to try again.
        tls: How to encrypt; None does not.
        keep_alive: How to notice dead connections; None leaves that to the next call.
        channel: A gRPC channel to use instead of one of its own; the caller closes it.
        multiplex: Let the calls of `recommend` that are made at the same time share a stream, which costs the server
            less; a call that a stream cannot carry is made in the plain way. Nothing else changes.

    Raises:
        UsageError: A setting cannot be used.
    """

    def __init__(
        self,
        addresses: str | Sequence[str] | None = None,
        *,
        timeout: float = 1.0,
        model: str = "",
        placement: str = "",
        retry: Retry = DEFAULT_RETRY,
        tls: Tls | None = None,
        keep_alive: KeepAlive | None = None,
        channel: grpc.Channel | None = None,
        multiplex: bool = False,
    ) -> None:
        self._verbs = Verbs(defaults=CallOptions(model=model, placement=placement, timeout=timeout))
        plan = ChannelPlan.of(addresses, retry=retry, tls=tls, keep_alive=keep_alive, injected=channel is not None)
        in_use = plan.open() if channel is None else channel
        self._own_channel = in_use if channel is None else None
        streams = streams_of(addresses) if multiplex else 0
        self._sender: Sender | None = Sender(in_use, retry, streams=streams)

    recommend = _sent(Verbs.recommend)
    recommend_batch = _sent(Verbs.recommend_batch)
    session = _opened(Verbs.session)
    similar_items = _sent(Verbs.similar_items)
    similar_customers = _sent(Verbs.similar_customers)
    score = _sent(Verbs.score)
    encode_customers = _sent(Verbs.encode_customers)
    encode_items = _sent(Verbs.encode_items)
    describe_model = _sent(Verbs.describe_model)
    record = _sent(Verbs.record)
    upsert_items = _sent(Verbs.upsert_items)
    delete_items = _sent(Verbs.delete_items)
    get_item = _sent(Verbs.get_item)
    upsert_customers = _sent(Verbs.upsert_customers)
    delete_customers = _sent(Verbs.delete_customers)

    def record_run(
        self,
        events: Iterable[FeedbackEvent],
        *,
        model: str | None = None,
        placement: str | None = None,
        timeout: float = 60.0,
    ) -> RecordedRun:
        """Record a long run of events, which may be too many for memory; all of them are on disk when this returns.

        They travel in streams of 10,000 events. One that breaks is sent again, which their ids make safe. After an
        error the events of earlier streams are recorded; running all of them again records the rest.

        Args:
            events: Any number of events, taken as they are needed.
            model: Name of the model; None takes the client's.
            placement: Name of the placement where they happened; None takes the client's.
            timeout: Seconds for each stream.
        """
        options, run, sent = self._verbs.run(model, placement, timeout), RecordedRun(), 0
        for messages, count in run_messages(events, options):
            run = joined_run(run, sent, self._open_sender().send_run(RUN_PATH, messages, timeout))
            sent += count
        return run

    def is_serving(self, *, timeout: float | None = None) -> bool:
        """Say whether a server can be reached and answers that it is serving."""
        return self._open_sender().is_serving(self._verbs.defaults.timeout if timeout is None else timeout)

    def wait_until_serving(self, *, timeout: float = 30.0) -> None:
        """Return as soon as a server is serving; raise `Unavailable` when none is within `timeout` seconds."""
        self._open_sender().wait_until_serving(timeout)

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        if self._sender is not None:
            self._sender.close()
        self._sender = None
        if self._own_channel is not None:
            self._own_channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open_sender(self) -> Sender:
        if self._sender is None:
            raise UsageError("the client is closed")
        return self._sender
