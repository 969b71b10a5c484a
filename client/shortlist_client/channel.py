"""The connection itself: the one place that sets up gRPC."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from shortlist_client.addresses import host_of, target_of
from shortlist_client.errors import UsageError
from shortlist_client.settings import KeepAlive, Retry, Tls

_MEBIBYTE = 1024 * 1024
# What may be repeated without harm; health checks are not in the list, they must tell the truth at once.
_REPEATABLE = (
    {"service": "shortlist.v1.RecommenderService"},
    {"service": "shortlist.v1.FeedbackService"},
    {"service": "shortlist.v1.ModelService", "method": "DescribeModel"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """Everything that a channel is made from."""

    addresses: str | Sequence[str]
    retry: Retry
    tls: Tls | None = None
    keep_alive: KeepAlive | None = None

    @classmethod
    def of(
        cls,
        addresses: str | Sequence[str] | None,
        *,
        injected: bool,
        retry: Retry,
        tls: Tls | None,
        keep_alive: KeepAlive | None,
    ) -> "ChannelPlan":
        """Return the plan.

        Raises:
            UsageError: There are neither addresses nor a channel from outside, or there are both.
        """
        if (addresses is not None) == injected:
            raise UsageError('give either addresses or a channel, e.g. Client("localhost:50051")')
        return cls(addresses=addresses or (), retry=retry, tls=tls, keep_alive=keep_alive)

    def open(self) -> grpc.Channel:
        """Return a channel; it connects with its first call.

        Raises:
            UsageError: An address or a file of the TLS settings cannot be used.
        """
        target, options = target_of(self.addresses), self.options()
        if self.tls is None:
            return grpc.insecure_channel(target, options)
        return grpc.secure_channel(target, _credentials(self.tls), options)

    def open_aio(self) -> grpc.aio.Channel:
        """Return a channel of the running event loop; it connects with its first call.

        Raises:
            UsageError: An address or a file of the TLS settings cannot be used.
        """
        target, options = target_of(self.addresses), self.options()
        if self.tls is None:
            return grpc.aio.insecure_channel(target, options)
        return grpc.aio.secure_channel(target, _credentials(self.tls), options)

    def options(self) -> list[tuple[str, Any]]:
        """Return the channel's options, by gRPC's names for them."""
        return [
            ("grpc.service_config", json.dumps(service_config(self.retry))),
            ("grpc.enable_retries", int(self.retry.attempts > 1)),
            # A request larger than this buffer is not repeated; a batch of 1,000 profiles must be.
            ("grpc.per_rpc_retry_buffer_size", 16 * _MEBIBYTE),
            ("grpc.max_receive_message_length", 64 * _MEBIBYTE),
            # A server that restarts is found again within the pauses between attempts.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            *self._server_name(),
            *_keep_alive(self.keep_alive),
        ]

    def _server_name(self) -> list[tuple[str, Any]]:
        if self.tls is None:
            return []
        several = not isinstance(self.addresses, str) and len(self.addresses) > 1
        name = self.tls.server_name or (host_of(self.addresses) if several else None)
        return [] if name is None else [("grpc.ssl_target_name_override", name)]


def service_config(retry: Retry) -> dict[str, Any]:
    """Return gRPC's service config: round robin over the servers that report themselves healthy, and retries.

    Reference: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
    """
    config: dict[str, Any] = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": ""},
    }
    if retry.attempts > 1:
        config["methodConfig"] = [{"name": list(_REPEATABLE), "retryPolicy": _retry_policy(retry)}]
        # Fifty failures in quick succession stop the retries until ten times as many calls have succeeded.
        config["retryThrottling"] = {"maxTokens": 100, "tokenRatio": 0.1}
    return config


def _retry_policy(retry: Retry) -> dict[str, Any]:
    return {
        "maxAttempts": retry.attempts,
        "initialBackoff": f"{retry.initial_backoff:.6f}s",
        "maxBackoff": f"{retry.max_backoff:.6f}s",
        "backoffMultiplier": 2,
        # A server that stops cancels what comes too late. What the caller itself cancels, gRPC never repeats.
        "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
    }


def _keep_alive(keep_alive: KeepAlive | None) -> list[tuple[str, Any]]:
    if keep_alive is None:
        return []
    return [
        ("grpc.keepalive_time_ms", round(keep_alive.interval * 1000)),
        ("grpc.keepalive_timeout_ms", round(keep_alive.timeout * 1000)),
        ("grpc.keepalive_permit_without_calls", int(keep_alive.when_idle)),
    ]


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(_read(tls.ca_file), _read(tls.key_file), _read(tls.certificate_file))


def _read(path: str | Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise UsageError(f"Tls: cannot read {path}: {problem.strerror}") from problem
