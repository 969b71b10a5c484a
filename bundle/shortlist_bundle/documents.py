"""JSON documents: one canonical spelling when written, every field asked for by name when read."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from shortlist_bundle.errors import DocumentError, shown

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


def write_document(value: JSON, where: str) -> bytes:
    """Return the canonical bytes of a value: sorted keys, no spaces, UTF-8, never NaN.

    Equal values give equal bytes, so that a checksum of the bytes is a checksum of the value.

    Raises:
        DocumentError: The value is not JSON; `where` names the document.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentError(f"{where}: cannot be written as JSON: {error}") from None


def read_document(data: bytes, where: str) -> JSON:
    """Parse JSON, refusing NaN, infinities and a key that stands twice.

    Raises:
        DocumentError: The bytes are not such JSON; `where` names the document.
    """
    try:
        value: JSON = json.loads(data.decode(), parse_constant=_refuse, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{where}: not a JSON document: {error}") from None
    return value


class Fields:
    """The fields of one JSON object: each is asked for by name and type, then `end` refuses what nobody asked for."""

    __slots__ = ("_left", "where")

    def __init__(self, value: JSON, where: str) -> None:
        """Begin to read; `where` is the object's path, e.g. 'features.columns[2]'.

        Raises:
            DocumentError: The value is not an object.
        """
        if not isinstance(value, Mapping):
            raise DocumentError(f"{where}: must be an object, is {shown(value)}")
        self._left = dict(value)
        self.where = where

    def has(self, name: str) -> bool:
        """Say whether a field is there that may be left out, and has not been asked for yet."""
        return name in self._left

    def text(self, name: str) -> str:
        """Return a text field."""
        value = self._take(name)
        if not isinstance(value, str):
            raise self.wrong(name, "a text", value)
        return value

    def flag(self, name: str) -> bool:
        """Return a true-or-false field."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false", value)
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(name, f"a whole number from {low} to {high}", value)
        return value

    def number(self, name: str) -> float:
        """Return a finite number."""
        value = self._take(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not _finite(value):
            raise self.wrong(name, "a finite number", value)
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.list(name)
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) != len(value):
            raise self.wrong(name, "a list of texts", value)
        return texts

    def mapping(self, name: str) -> Mapping[str, JSON]:
        """Return an object whose keys are free."""
        value = self._take(name)
        if not isinstance(value, Mapping):
            raise self.wrong(name, "an object", value)
        return value

    def objects(self, name: str) -> list["Fields"]:
        """Return a list of objects, each to be read in turn."""
        return [Fields(item, f"{self.where}.{name}[{n}]") for n, item in enumerate(self.list(name))]

    def list(self, name: str) -> Sequence[JSON]:
        """Return a list of anything."""
        value = self._take(name)
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.wrong(name, "a list", value)
        return value

    def end(self) -> None:
        """Refuse the fields that nobody asked for.

        Raises:
            DocumentError: There is such a field: a misspelling, or something a newer release knows.
        """
        if self._left:
            raise DocumentError(f"{self.where}: unknown field {shown(min(self._left))}")

    def wrong(self, name: str, needed: str, value: object) -> DocumentError:
        """Return the error that names the field, what it must be and what it is."""
        return DocumentError(f"{self.where}.{name}: must be {needed}, is {shown(value)}")

    def _take(self, name: str) -> JSON:
        if name not in self._left:
            raise DocumentError(f"{self.where}: the field {name!r} is missing")
        return self._left.pop(name)


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _refuse(constant: str) -> JSON:
    raise ValueError(f"{constant} is not JSON")


def _distinct(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return fields
