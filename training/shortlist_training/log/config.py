"""The `[data]` section of the TOML file: what the user overrides of how the log is understood."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from shortlist_bundle.columns import AVAILABILITY_COLUMNS, CUSTOMER_ID, ITEM_ID, ITEMS, TABLES
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.errors import ConfigError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.suggestion import did_you_mean

CONFIG_FILE = "shortlist.toml"

IGNORE = "ignore"
"""The word that leaves a column out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What the user says about the data; None and empty mean: find out.

    Attributes:
        feedback: What the log holds.
        repeats: Whether people take the same thing again.
        people_to_people: Whether items are customers.
        rating_scale: Lowest and highest possible rating.
        events: Event name -> weight; once any is given, events without one are left out (and counted).
        columns: Table -> column -> kind; None as the kind leaves the column out.
    """

    feedback: FeedbackKind | None = None
    repeats: bool | None = None
    people_to_people: bool | None = None
    rating_scale: tuple[float, float] | None = None
    events: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, ColumnKind | None]] = field(default_factory=dict)

    def ignores(self, table: str, column: str) -> bool:
        """Tell whether the column is left out by the word "ignore"."""
        overrides = self.columns.get(table, {})
        return column in overrides and overrides[column] is None


def find_config(folder: Path) -> Path | None:
    """Return the `shortlist.toml` that lies beside the tables, None when there is none."""
    path = folder / CONFIG_FILE
    return path if path.is_file() else None


def read_data_config(path: Path) -> DataConfig:
    """Read the `[data]` section of a TOML file; the other sections are not looked at.

    Raises:
        ConfigError: The file is not TOML, or the section says something that cannot be meant.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
    try:
        return parse_data_config(document.get("data", {}))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_data_config(section: object) -> DataConfig:
    """Turn the parsed `[data]` section into a `DataConfig`.

    Raises:
        ConfigError: An unknown key, or a value of the wrong kind; the message names the key and its nearest known one.
    """
    settings = _table("[data]", section)
    known = [entry.name for entry in fields(DataConfig)]
    for key in settings:
        if key not in known:
            raise ConfigError(f"[data] has no setting '{key}'. {did_you_mean(key, known)}")
    return DataConfig(**{key: _PARSERS[key](value) for key, value in settings.items()})


def _table(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} must be a table of settings, not {value!r}")
    return value


def _feedback(value: object) -> FeedbackKind:
    words = [kind.value for kind in FeedbackKind]
    if value not in words:
        raise ConfigError(f"[data] feedback = {value!r} is not one of {', '.join(words)}")
    return FeedbackKind(value)


def _answer(name: str) -> Callable[[object], bool]:
    def parse(value: object) -> bool:
        if not isinstance(value, bool):
            raise ConfigError(f"[data] {name} = {value!r} must be true or false")
        return value

    return parse


def _number(name: str, value: object) -> float:
    # bool is an int to Python; nobody who writes `view = true` means a weight of 1.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{name} = {value!r} must be a finite number")
    return float(value)


def _rating_scale(value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ConfigError(f"[data] rating_scale = {value!r} must be two numbers, such as [1, 5]")
    low, high = (_number("[data] rating_scale", number) for number in value)
    if low >= high:
        raise ConfigError(f"[data] rating_scale = {list(value)}: the first number must be the lower one")
    return low, high


def _events(value: object) -> dict[str, float]:
    weights = {
        name: _number(f"[data.events] {name}", weight) for name, weight in _table("[data.events]", value).items()
    }
    if weights and max(weights.values()) <= 0:
        raise ConfigError("[data.events]: at least one event must have a weight above 0")
    return weights


def _columns(value: object) -> dict[str, dict[str, ColumnKind | None]]:
    tables = _table("[data.columns]", value)
    for name in tables:
        if name not in TABLES:
            raise ConfigError(f"[data.columns.{name}]: there is no such table. {did_you_mean(name, TABLES)}")
    return {
        table: {
            column: _kind(table, column, word) for column, word in _table(f"[data.columns.{table}]", columns).items()
        }
        for table, columns in tables.items()
    }


def _kind(table: str, column: str, word: object) -> ColumnKind | None:
    place = f"[data.columns.{table}] {column} = {word!r}"
    if column in (CUSTOMER_ID, ITEM_ID):
        raise ConfigError(f"{place}: ids are opaque text and never a feature; leave this line out")
    if word == IGNORE:
        return None
    if table == ITEMS and column in AVAILABILITY_COLUMNS:
        raise ConfigError(f"{place}: this column says when an item can be had; it can only be '{IGNORE}'d")
    words = [kind.value for kind in ColumnKind]
    if word not in words:
        raise ConfigError(f"{place}: not a kind of column. {did_you_mean(str(word), [*words, IGNORE])}")
    return ColumnKind(word)


_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "feedback": _feedback,
    "repeats": _answer("repeats"),
    "people_to_people": _answer("people_to_people"),
    "rating_scale": _rating_scale,
    "events": _events,
    "columns": _columns,
}
