"""How the client reaches its servers and how often it tries."""

import random
from dataclasses import dataclass
from pathlib import Path

from shortlist_client.errors import Overloaded, ShortlistError, UsageError

_MAX_ATTEMPTS = 5  # gRPC makes no more, whatever it is told.


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When to try again. Every call is safe to repeat.

    Attributes:
        attempts: How often a call is made at most while servers are unavailable or stop, 1 (never again) to 5.
        initial_backoff: Pause before the second attempt in seconds; doubles each time, give or take 20 %.
        max_backoff: Longest pause in seconds.
        when_overloaded: Try once more when an overloaded server says after how long that makes sense.
    """

    attempts: int = 4
    initial_backoff: float = 0.05
    max_backoff: float = 1.0
    when_overloaded: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= _MAX_ATTEMPTS:
            raise UsageError(f"Retry: attempts must be 1 to {_MAX_ATTEMPTS}, not {self.attempts}")
        if not 0 < self.initial_backoff <= self.max_backoff:
            raise UsageError(
                f"Retry: backoffs must be above 0 and rise, not {self.initial_backoff} to {self.max_backoff}"
            )

    def overload_pause(self, error: ShortlistError, remaining: float) -> float | None:
        """Return how many seconds to wait before the one further attempt that an overloaded server invites.

        Returns:
            None when it did not invite one, or when `remaining` seconds do not allow for it.
        """
        if not self.when_overloaded or not isinstance(error, Overloaded) or error.retry_after is None:
            return None
        # Later, never sooner, than the server said: callers it turned away together must not return together.
        pause = error.retry_after * random.uniform(1.0, 1.2)
        return pause if pause < remaining else None


DEFAULT_RETRY = Retry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Encrypt the connection.

    Attributes:
        ca_file: PEM file of the authorities to trust; None trusts those of the system.
        certificate_file: PEM file of the client's own certificate, where the server wants one.
        key_file: PEM file of that certificate's private key.
        server_name: Name that the server's certificate must carry; None takes it from the (first) address.
    """

    ca_file: str | Path | None = None
    certificate_file: str | Path | None = None
    key_file: str | Path | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate_file is None) != (self.key_file is None):
            raise UsageError("Tls: certificate_file and key_file belong together; give both or neither")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlive:
    """Find out that a silent connection is dead; the server must allow pings this often.

    Attributes:
        interval: Seconds between pings.
        timeout: Seconds to wait for the answer to a ping.
        when_idle: Ping also while no call is being made.
    """

    interval: float = 60.0
    timeout: float = 10.0
    when_idle: bool = False

    def __post_init__(self) -> None:
        if self.interval <= 0 or self.timeout <= 0:
            raise UsageError(f"KeepAlive: interval and timeout must be above 0, not {self.interval} and {self.timeout}")
