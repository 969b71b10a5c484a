"""Reading a log: files -> raw tables -> clean tables -> what it all means."""

from pathlib import Path

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, ID_COLUMNS, INTERACTIONS, ITEM_ID, ITEMS, TABLES
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_training.errors import DataError
from shortlist_training.log.compacting import read_position
from shortlist_training.log.config import DataConfig, find_config, read_data_config
from shortlist_training.log.described import clean_described
from shortlist_training.log.events import count_events, weigh_events
from shortlist_training.log.interactions import CleanTable, clean_interactions
from shortlist_training.log.joining import join, recorded_tables
from shortlist_training.log.location import LogPaths, Recording, TableFiles, locate
from shortlist_training.log.log import Log
from shortlist_training.log.people import find_people, without_oneself
from shortlist_training.log.raw_table import RawTable, read_raw
from shortlist_training.log.recorded import read_recorded
from shortlist_training.log.report import Findings, TableReport
from shortlist_training.log.understanding import understand

Source = str | Path | LogPaths | Recording


def read_log(source: Source, config: DataConfig | None = None) -> Log:
    """Read a log as the data contract says, and work out what it holds.

    Args:
        source: The folder of the tables, explicit paths to them, or a server's log of changes over a base.
        config: What the user overrides; None reads the `shortlist.toml` of the folder, if there is one.

    Raises:
        DataError: Something cannot be read; the message names file, column and row, and says what to do.
        ConfigError: The folder's `shortlist.toml` says something that cannot be meant.
    """
    config = config or _config_beside(source)
    findings = Findings()
    raw, clean, position = _tables(source, config, findings)
    everything = clean[INTERACTIONS].frame
    interactions = weigh_events(everything, config.events, findings)
    people = find_people(interactions, config)
    if people.people:
        interactions = without_oneself(interactions, findings)
    if interactions.is_empty():
        remedy = "Look at the weights in [data.events] and at the column 'value'"
        raise DataError("no interaction counts more than 0", file=raw[INTERACTIONS].parts[0].path, remedy=remedy)
    frames = {name: table.frame for name, table in clean.items()} | {INTERACTIONS: interactions}
    tables = tuple(_table_report(raw[name], clean[name]) for name in raw)
    report = understand(tables, everything, frames, config, findings, people)
    return Log(
        interactions=interactions,
        customers=frames.get(CUSTOMERS),
        items=frames.get(ITEMS),
        columns={name: clean[name].kinds if name in clean else {} for name in TABLES},
        feedback=report.feedback,
        repeats=report.repeats,
        rating_scale=report.rating_scale,
        people_to_people=report.people_to_people,
        report=report,
        position=position,
        # The most frequent kind that counts is what an event without a kind is taken for.
        event_weights=EventWeights(weights=dict(config.events), main=next(iter(count_events(interactions)), "")),
    )


def _tables(
    source: Source, config: DataConfig, findings: Findings
) -> tuple[dict[str, RawTable], dict[str, CleanTable], Position]:
    """Return the tables as they are and clean, and the position up to which a log of changes is in them."""
    if not isinstance(source, Recording):
        files = locate(source)
        raw = {name: _read_raw(table, findings) for name, table in files.items()}
        position = START if isinstance(source, LogPaths) else read_position(Path(source))
        return raw, {name: _clean(table, config, findings) for name, table in raw.items()}, position
    recorded = read_recorded(source.changes)
    new = recorded_tables(recorded, source.changes)
    raw, clean, _ = _tables(source.base, config, findings) if source.base else ({}, {}, START)
    # What the base does not have is understood as any table is; the rest follows the base.
    alone = {name: table for name, table in new.items() if name not in raw}
    if INTERACTIONS not in (raw | alone):
        raise DataError("nothing has been recorded yet", file=source.changes, remedy="Name a base log too")
    over = {name: table for name, table in new.items() if name in raw}
    joined = join(clean, over, recorded, findings)
    return (
        raw | alone,
        joined | {name: _clean(table, config, findings) for name, table in alone.items()},
        recorded.position,
    )


def _config_beside(source: Source) -> DataConfig:
    if isinstance(source, Recording):
        return _config_beside(source.base or source.changes)
    path = None if isinstance(source, LogPaths) else find_config(Path(source))
    return read_data_config(path) if path else DataConfig()


def _read_raw(files: TableFiles, findings: Findings) -> RawTable:
    required = (CUSTOMER_ID, ITEM_ID) if files.name == INTERACTIONS else (ID_COLUMNS[files.name],)
    table, notes = read_raw(files, required)
    findings.notes.extend(notes)
    return table


def _clean(table: RawTable, config: DataConfig, findings: Findings) -> CleanTable:
    clean = clean_interactions if table.name == INTERACTIONS else clean_described
    return clean(table, config, findings)


def _table_report(raw: RawTable, clean: CleanTable) -> TableReport:
    files = tuple(part.path.name for part in raw.parts)
    return TableReport(name=raw.name, files=files, rows=raw.frame.height, columns=clean.reports)
