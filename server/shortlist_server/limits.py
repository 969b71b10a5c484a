"""How much one request may ask for."""

from dataclasses import dataclass

YEAR_1 = -62_135_596_800.0
YEAR_9999 = 253_402_300_799.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest request that the server takes; the API documents the same numbers."""

    list_length: int = 1_000
    """`k`."""
    customers: int = 1_000
    """Rows of one batch."""
    batch_items: int = 200_000
    """`k` times the customers of one batch: more would not fit into the 4 MiB that clients accept."""
    explained_items: int = 5_000
    """`k` times the customers of one batch whose lists are explained: an explanation is some 300 bytes."""
    items: int = 1_000
    """Items to score or to encode in one call."""
    changes: int = 1_000
    """Items or customers to be changed in one call."""
    history: int = 1_000
    """Events of one customer's history."""
    batch_history: int = 100_000
    """Events of all customers of one batch together."""
    session_events: int = 1_000
    """Events that count in one session, those of the history it was opened with included; the newest win."""
    streamed_calls: int = 64
    """Calls of one message of a stream that calls share."""
    session_opening: float = 5.0
    """Seconds until the first message of a session."""
    session_idle: float = 120.0
    """Seconds between two messages of a session."""
    session_seconds: float = 900.0
    """Seconds that a session lasts; the message in hand is answered."""
    events: int = 1_000
    """Events to be recorded with one message."""
    event_id_bytes: int = 64
    """Of the id that a caller gives to an event, in UTF-8."""
    excluded: int = 10_000
    features: int = 256
    context: int = 64
    categories: int = 256
    """Entries of one list of categories."""
    sources: int = 32
    caps: int = 8
    quotas: int = 32
    filter_depth: int = 8
    filter_conditions: int = 64
    """Of one filter in all, and filters that are joined in one place."""
    filter_values: int = 1_000
    """Of one condition that names several."""
    musts: int = 16
    wishes: int = 16
    wanted: int = 32
    """Values that one wish is content with."""
    heaviest_wish: float = 1_000.0
    """Weight of one wish."""
    id_bytes: int = 256
    """Of an id or a name, in UTF-8."""
    text_bytes: int = 1_024
    """Of a category or free text, in UTF-8."""
    earliest: float = YEAR_1
    """Of a moment, in seconds since 1970-01-01 UTC."""
    latest: float = YEAR_9999
    """Of a moment; a present-day moment in milliseconds lies beyond it."""
    message_bytes: int = 4 * 1024 * 1024
    """Of one request on the wire."""
    shortest_deadline: float = 0.001
    """Seconds that must be left for a request to be worth starting."""


DEFAULT_LIST_LENGTH = 10
LIMITS = Limits()
