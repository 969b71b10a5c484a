"""Vectors of customers or items."""

from collections.abc import Iterator
from dataclasses import dataclass

from shortlist_client.recommendations import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """One vector for each row asked for, in that order.

    Attributes:
        rows: The vectors, [B, D].
        known: For each row, whether its id is known.
        embedding_size: Width D of one vector.
        bundle: The bundle that made them; vectors of different bundles cannot be compared.
    """

    rows: tuple[tuple[float, ...], ...]
    known: tuple[bool, ...]
    embedding_size: int
    bundle: Bundle

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> tuple[float, ...]:
        return self.rows[row]
