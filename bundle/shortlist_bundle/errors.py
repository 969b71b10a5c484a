"""Everything that can go wrong between a bundle's folder and its use.

BundleError                      BUNDLE
├── BadName                      BAD_NAME             a model, version, alias or part with a name outside the pattern
├── BundleNotFound               BUNDLE_NOT_FOUND     no such model, version or alias
├── BundleIncompatible           BUNDLE_INCOMPATIBLE  whole, but this release cannot serve it
│   └── DocumentError            BUNDLE_INCOMPATIBLE  a JSON document with an unexpected, missing or impossible field
├── BundleDamaged                BUNDLE_DAMAGED       the files are not those the manifest lists
├── NonFinite                    NOT_FINITE           NaN or infinity among the numbers of an array
├── VersionExists                VERSION_EXISTS       the same version published with other content
├── Conflict                     CONFLICT             the alias is not where the caller believed it to be
├── StorageError                 STORAGE              the file system refused; nothing was published
│   ├── StorageFull              STORAGE_FULL         no room left, or a quota reached
│   └── ChangesDamaged           CHANGES_DAMAGED      the head of a log of changes cannot be read any more
├── GoldenMismatch               GOLDEN_MISMATCH      the bundle answers its golden requests differently
├── GatesClosed                  GATES_CLOSED         a candidate is worse than the live bundle by more than is allowed
├── GateSettingsError            GATE_SETTINGS        thresholds of the gates that cannot be read
├── VocabularyError              VOCABULARY           ids that cannot form a vocabulary
├── FeatureError                 FEATURE              a feature value that the column cannot hold
└── FilterError                  FILTER               a condition that the catalogue's attributes cannot meet
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

_SHOWN_CHARACTERS = 40


class BundleError(Exception):
    """Base of all errors of this package; its text says what was wrong, with which value, and what to do."""

    user_message: ClassVar[bool] = True
    """The text is meant for the caller: a program prints it without a traceback."""
    reason: ClassVar[str] = "BUNDLE"
    """A machine-readable name that never changes; whoever serves maps it to a status."""

    def __init__(self, text: str = "", *, subject: str = "") -> None:
        """Say what is wrong; `subject` names the file and the field, if the text does not begin with them."""
        super().__init__(text)
        self._subject = subject

    @property
    def subject(self) -> str:
        """The file of the bundle that is to blame, and its field, e.g. `manifest.json#minimal_reader`; empty if none.

        A text begins with what it is about and a colon, unless the error was made with a subject of its own.
        """
        place, colon, _ = str(self).partition(": ")
        return self._subject or (place.replace(".json.", ".json#", 1) if colon else "")


class BadName(BundleError):
    """A name that may not become part of a path."""

    reason = "BAD_NAME"


class BundleNotFound(BundleError):
    """There is no such model, version or alias."""

    reason = "BUNDLE_NOT_FOUND"


class BundleIncompatible(BundleError):
    """The bundle is whole, but this release cannot serve it."""

    reason = "BUNDLE_INCOMPATIBLE"


class DocumentError(BundleIncompatible):
    """A JSON document does not have the form that this release reads."""


class BundleDamaged(BundleError):
    """The files on disk are not those that the manifest lists."""

    reason = "BUNDLE_DAMAGED"


class NonFinite(BundleError):
    """An array holds NaN or infinity."""

    reason = "NOT_FINITE"


class VersionExists(BundleError):
    """The version is taken by other content."""

    reason = "VERSION_EXISTS"


class Conflict(BundleError):
    """Somebody else moved the alias first."""

    reason = "CONFLICT"


class StorageError(BundleError):
    """The file system refused a read or a write."""

    reason = "STORAGE"


class StorageFull(StorageError):
    """No room is left on the file system, or a quota is reached."""

    reason = "STORAGE_FULL"


class ChangesDamaged(StorageError):
    """The head of a log of changes is damaged; it is set aside when the log is opened the next time."""

    reason = "CHANGES_DAMAGED"


class GoldenMismatch(BundleError):
    """The bundle does not answer its golden requests as it did when it was written."""

    reason = "GOLDEN_MISMATCH"


class GatesClosed(BundleError):
    """A candidate is worse than the live bundle by more than the gates allow."""

    reason = "GATES_CLOSED"


class GateSettingsError(BundleError):
    """The thresholds of the gates cannot be read."""

    reason = "GATE_SETTINGS"


class VocabularyError(BundleError):
    """The ids or arrays cannot form a vocabulary."""

    reason = "VOCABULARY"


class FeatureError(BundleError):
    """A feature value, or a whole column, that the encoder cannot take."""

    reason = "FEATURE"

    def __init__(self, column: str, problem: str) -> None:
        """Name the column and what is wrong with it."""
        super().__init__(f"feature {column!r}: {problem}")
        self.column = column

    @classmethod
    def of_value(cls, column: str, value: object, needed: str) -> "FeatureError":
        """Name the value too, cut short: a message must not carry a customer's data beyond what explains it."""
        return cls(column, f"{shown(value)} is not {needed}")


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """What is wrong with one field of a filter.

    Attributes:
        path: of the field, from the filter on, e.g. `all.filters[1].range.attribute`.
        text: what is wrong.
        unknown: the attribute that the catalogue does not have; empty where something else is wrong.
    """

    path: str
    text: str
    unknown: str = ""


class FilterError(BundleError):
    """A filter names attributes that do not exist, or asks of them what their kind does not have."""

    reason = "FILTER"

    def __init__(self, problems: Sequence[FilterProblem]) -> None:
        """Keep all problems, at least one; the first becomes the text."""
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(f"filter {problems[0].path}: {problems[0].text}{more}")
        self.problems = tuple(problems)


def shown(value: object) -> str:
    """Return the value as an error may show it, at most 40 characters long."""
    # A text is cut before `repr` so that a megabyte sent by mistake is never copied.
    text = repr(value[:_SHOWN_CHARACTERS]) if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
