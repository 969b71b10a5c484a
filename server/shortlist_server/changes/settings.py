"""How the log of changes is kept. Light to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Sizes and ages.

    Attributes:
        segment_bytes: the head is sealed into a segment when it holds so many bytes of changes.
        segment_seconds: or when its oldest change is so old.
        id_seconds: the id of an event is known for at least so long after its segment was sealed.
        most_ids: but never more ids than that; the newest are kept.
        commit_changes: changes that share one commit at most.
    """

    segment_bytes: int = 16 << 20
    segment_seconds: float = 86_400.0
    id_seconds: float = 7 * 86_400.0
    most_ids: int = 20_000_000
    commit_changes: int = 10_000
