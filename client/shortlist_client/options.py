"""What every call carries besides its question."""

from dataclasses import dataclass

from shortlist_client.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """Which model answers, under which placement's policy (empty: the server's default), in how many seconds."""

    model: str = ""
    placement: str = ""
    timeout: float = 1.0

    def __post_init__(self) -> None:
        if not self.timeout > 0:
            raise UsageError(f"timeout must be above 0 seconds, not {self.timeout}")
