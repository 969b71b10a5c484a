"""Ids behind those of a vocabulary, in the order in which they came."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.shards import Shards
from shortlist_bundle.vocabulary import Rows, Vocabulary


class GrownVocabulary(Vocabulary):
    """A vocabulary and what came behind it. See `Vocabulary`; it is never written to a bundle.

    Args:
        base: ids <-> rows 0..N.
        rows: ids -> rows behind N.
        names: the ids of these rows in order; more may be added to the list later.
        length: rows that there are by now.
    """

    __slots__ = ("_base", "_behind", "_length", "_names")

    def __init__(self, base: Vocabulary, rows: Shards[str, int], names: Sequence[str], length: int) -> None:
        super().__init__(())
        self._base = base
        self._behind = rows
        self._names = names
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self.row(id) > 0

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    def row(self, id: str) -> int:
        """See `Vocabulary.row`."""
        return self._behind.get(id) or self._base.row(id)

    def rows(self, ids: Sequence[str]) -> Rows:
        """See `Vocabulary.rows`."""
        found = self._base.rows(ids)
        for place in np.flatnonzero(found == 0).tolist():
            found[place] = self._behind.get(ids[place]) or 0
        return found

    def id(self, row: int) -> str:
        """See `Vocabulary.id`."""
        return self._base.id(row) if row < len(self._base) else self._names[row - len(self._base)]

    def ids(self, rows: Iterable[int] | NDArray[np.integer]) -> list[str]:
        """See `Vocabulary.ids`."""
        numbers: list[int] = rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
        return [self.id(number) for number in numbers]


class GrowingVocabulary:
    """Adds ids to a vocabulary that others go on reading as it was.

    Args:
        base: the vocabulary to begin with.
    """

    def __init__(self, base: Vocabulary) -> None:
        self._base = base
        self._rows = Shards[str, int]()
        self._changes: dict[str, int | None] = {}
        self._names: list[str] = []

    def __len__(self) -> int:
        return len(self._base) + len(self._names)

    @property
    def vocabulary(self) -> Vocabulary:
        """The ids so far."""
        if not self._names:
            return self._base
        self._rows = self._rows.changed(self._changes)
        self._changes = {}
        return GrownVocabulary(self._base, self._rows, self._names, len(self))

    def row(self, id: str) -> int:
        """Return an id's row, 0 where there is none."""
        found = self._changes[id] if id in self._changes else self._rows.get(id)
        return found or self._base.row(id)

    def add(self, id: str) -> int:
        """Give an id a row at the end, also one that had another row behind the base; return it."""
        row = len(self)
        self._names.append(id)
        self._changes[id] = row
        return row

    def take_out(self, id: str) -> None:
        """Let an id that was added have no row any more."""
        self._changes[id] = None

    def found(self, ids: Mapping[str, object] | Iterable[str]) -> list[int]:
        """Return the rows of ids, adding those that are new; the empty text is row 0."""
        return [(self.row(id) or self.add(id)) if id else 0 for id in ids]
