"""What packing collects, and what unpacking reads from."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.documents import JSON


@dataclass(frozen=True, slots=True)
class Parts:
    """Arrays, documents and blobs by name; the parts of a model add theirs."""

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    documents: dict[str, JSON] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def add(self, prefix: str, **arrays: NDArray[Any]) -> None:
        """Add arrays under a folder; underscores in their names become hyphens."""
        self.arrays.update({f"{prefix}/{name.replace('_', '-')}": array for name, array in arrays.items()})


class Reader(Protocol):
    """The part of an open bundle that unpacking needs."""

    def array(self, name: str) -> NDArray[Any]:
        """Return an array by name."""
        ...

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of a folder, by their names inside it."""
        ...

    def document(self, name: str) -> JSON:
        """Return a JSON document by name."""
        ...

    def blob(self, name: str) -> bytes | memoryview:
        """Return raw bytes by name."""
        ...

    def names(self) -> Any:
        """Return the names of everything in the bundle."""
        ...


def numbered(arrays: dict[str, NDArray[Any]], stem: str) -> list[NDArray[Any]]:
    """Return the arrays `stem-0`, `stem-1`, ... in that order."""
    found: list[NDArray[Any]] = []
    while f"{stem}-{len(found)}" in arrays:
        found.append(arrays[f"{stem}-{len(found)}"])
    return found


def bytes_array(blob: bytes | memoryview) -> NDArray[np.uint8]:
    """Return bytes as the array that FAISS reads an index from."""
    return np.frombuffer(blob, np.uint8)
