"""The administrator's client: which bundles there are, and which one serves."""

from types import TracebackType
from typing import Self

import grpc

from shortlist_client.channel import ChannelPlan
from shortlist_client.description import ModelDescription
from shortlist_client.options import CallOptions
from shortlist_client.recommendations import Bundle
from shortlist_client.releases import Model, Moved
from shortlist_client.sender import Sender
from shortlist_client.settings import Retry
from shortlist_client.translation import calls, releases

_ONCE = Retry(attempts=1, when_overloaded=False)


class Admin:
    """Loads, promotes and rolls back over a server's administrators' address (`shortlist serve --admin`).

    `with Admin("127.0.0.1:50052") as admin: admin.promote("20260131120000-1a2b3c4d", expected_current="...")`

    Nothing is tried again by itself: who asks should see what came of it. Every method raises `CallError` or one of
    its kinds: `NotFound` for what there is not, `Conflict` for a bundle that may not serve or an alias that is
    elsewhere, `ServerError` with the status DATA_LOSS for one whose files are damaged.

    Args:
        address: The administrators' "host:port".
        timeout: Seconds that a call may take; checking and loading a large bundle takes long.
        model: Name of the model; empty for the server's default.
        channel: A gRPC channel to use instead of one of its own; the caller closes it.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        timeout: float = 300.0,
        model: str = "",
        channel: grpc.Channel | None = None,
    ) -> None:
        plan = ChannelPlan.of(address, retry=_ONCE, tls=None, keep_alive=None, injected=channel is not None)
        in_use = plan.open() if channel is None else channel
        self._own_channel = in_use if channel is None else None
        self._sender = Sender(in_use, _ONCE)
        self._options = CallOptions(model=model, timeout=timeout)

    def load(self, version: str) -> Bundle:
        """Check and load a version beside the one that serves, so that promoting it is a swap; an alias may name it."""
        return self._sender.send(releases.load_model(version, self._options))

    def promote(self, version: str, *, alias: str = "stable", expected_current: str = "", force: bool = False) -> Moved:
        """Let an alias point to a version that passes the gates; with `expected_current` only if it stands there now.

        A closed gate is a `Conflict`, whose `unmet` has the numbers of each. `force` asks no gates.
        """
        call = releases.promote_model(version, alias, expected_current, self._options, force=force)
        return self._sender.send(call)

    def rollback(self, alias: str = "stable", *, expected_current: str = "") -> Moved:
        """Let an alias point to where it stood before."""
        return self._sender.send(releases.rollback_model(alias, expected_current, self._options))

    def list(self) -> tuple[Model, ...]:
        """Return every model of the folder, by name; of one model alone where the client was made for one."""
        models, token = self._sender.send(releases.list_models("", self._options))
        while token:
            more, token = self._sender.send(releases.list_models(token, self._options))
            models += more
        return models

    def describe(self, version: str = "") -> ModelDescription:
        """Return what a loaded bundle was made of, and what its sentinels say; empty for what serves now."""
        return self._sender.send(calls.describe_model(version, self._options))

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self._sender.close()
        if self._own_channel is not None:
            self._own_channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
