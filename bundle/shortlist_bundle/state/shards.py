"""A map that never changes: a changed copy shares all but the parts that are touched."""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PARTS = 1024
"""A change copies one part: of a map of 100,000 keys some hundred of them."""


class Shards(Generic[K, V]):
    """Keys with their values, spread over parts by hash. Reading one needs no lock, for nothing in it ever changes."""

    __slots__ = ("_count", "_parts")

    def __init__(self) -> None:
        """Start empty."""
        self._parts: tuple[Mapping[K, V], ...] = ({},) * PARTS
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: K) -> bool:
        return key in self._parts[hash(key) % PARTS]

    def get(self, key: K) -> V | None:
        """Return a key's value, None where there is none."""
        return self._parts[hash(key) % PARTS].get(key)

    def changed(self, changes: Mapping[K, V | None]) -> "Shards[K, V]":
        """Return the map with these values in place of those before; None takes a key out."""
        if not changes:
            return self
        touched: dict[int, dict[K, V]] = {}
        for key, value in changes.items():
            number = hash(key) % PARTS
            part = touched.setdefault(number, dict(self._parts[number]) if number not in touched else {})
            if value is None:
                part.pop(key, None)
            else:
                part[key] = value
        found = Shards[K, V]()
        parts = list(self._parts)
        for number, part in touched.items():
            parts[number] = part
        found._parts = tuple(parts)
        found._count = self._count + sum(len(part) - len(self._parts[number]) for number, part in touched.items())
        return found
