"""What must be as it was for weights to keep their meaning; all else may change between two trainings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_bundle import columns as names
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import config_to_json
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import WarmStartError
from shortlist_training.log.log import Log
from shortlist_training.origin.opening import Origin
from shortlist_training.retrieval.retriever import source_names

FIXED = {
    "split": ("kind",),
    "two_tower": ("embedding_size", "temperature", "history_length", "history_heads", "context"),
    "embedding": ("objective", "embedding_size"),
    "scorer": ("hidden", "members", "feature_size", "encodings", "budget"),
    "sources": ("names",),
}
"""Settings by which the shape or the meaning of weights is decided, by section."""
REMEDY = "Set it back, or train from scratch"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was: where, and what it was and is, in words."""

    where: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.where} was {self.was} and is {self.now}"


def check_agreement(origin: Origin, log: Log, config: RunConfig) -> None:
    """Refuse a log or a configuration that the bundle's weights mean nothing for.

    Raises:
        WarmStartError: Names every setting and column that differs.
    """
    differences = [*_settings(origin, config), *_log(origin, log), *_columns(origin, log)]
    if differences:
        told = "; ".join(map(str, differences))
        raise WarmStartError(f"bundle {origin.bundle_id} cannot be gone on from: {told}. {REMEDY}")


def check_sources_agree(origin: Origin, dataset: Dataset, config: RunConfig) -> None:
    """Refuse a log that has other candidate sources than the bundle: the scorer's signals would be others.

    Raises:
        WarmStartError: Names the sources.
    """
    engine = origin.model.engine
    now = source_names(dataset, config)
    if engine is not None and engine.retriever.signals.sources != now:
        was = ", ".join(engine.retriever.signals.sources)
        raise WarmStartError(
            f"bundle {origin.bundle_id} cannot be gone on from: its candidate sources were {was}, and this log has "
            f"{', '.join(now)}. Train from scratch"
        )


def unread_columns(origin: Origin, log: Log) -> list[str]:
    """Return the feature columns, as TABLE.COLUMN, that the log has and the bundle does not know: nobody reads them."""
    return [
        f"{table}.{column}"
        for table in (names.CUSTOMERS, names.ITEMS)
        for column in log.columns.get(table, {})
        if column not in {known.name for known in origin.specs[table].columns}
        and column not in names.AVAILABILITY_COLUMNS
    ]


def _settings(origin: Origin, config: RunConfig) -> Iterator[Difference]:
    # What a bundle's configuration does not say had its default, and what is None stands nowhere.
    usual, given = config_to_json(RunConfig()), config_to_json(config)
    for section, settings in FIXED.items():
        before = _table(origin.config.get(section))
        for name in settings:
            was, now = before.get(name, usual[section].get(name)), given[section].get(name)
            if was != now:
                yield Difference(f"[{section}] {name}", _said(was), _said(now))


def _log(origin: Origin, log: Log) -> Iterator[Difference]:
    found: Any = origin.model.figures.get("log")
    before = _table(found)
    for name, now in (
        ("feedback", log.feedback.value), ("repeats", log.repeats), ("people_to_people", log.people_to_people)
    ):  # fmt: skip
        if name in before and before[name] != now:
            yield Difference(f"[data] {name}", _said(before[name]), _said(now))
    timed = names.TIMESTAMP in log.interactions.columns
    if origin.model.clock.has_times != timed:
        words = {True: "there", False: "missing"}
        yield Difference(f"the column '{names.TIMESTAMP}'", words[not timed], words[timed])


def _columns(origin: Origin, log: Log) -> Iterator[Difference]:
    for table, spec in origin.specs.items():
        known = log.columns.get(table, {})
        for column in spec.columns:
            now = known.get(column.name)
            if now is not column.kind:
                said = f"of the kind {now.value}" if now else "missing"
                yield Difference(f"the column {table}.{column.name}", f"of the kind {column.kind.value}", said)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _said(value: object) -> str:
    return "not set" if value is None else repr(value)
