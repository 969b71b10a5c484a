"""Reading a log: files -> raw tables -> clean tables -> what it all means."""

from pathlib import Path

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, CUSTOMERS, ID_COLUMNS, INTERACTIONS, ITEM_ID, ITEMS, RATING, TABLES
from shortlist_training.errors import DataError
from shortlist_training.log import measures
from shortlist_training.log.config import DataConfig, find_config, read_data_config
from shortlist_training.log.described import clean_described
from shortlist_training.log.events import count_events, weigh_events
from shortlist_training.log.feedback import FeedbackGuess, infer_feedback, infer_scale
from shortlist_training.log.interactions import CleanTable, clean_interactions
from shortlist_training.log.location import LogPaths, TableFiles, locate
from shortlist_training.log.log import Log
from shortlist_training.log.raw_table import RawTable, read_raw
from shortlist_training.log.repeats import REPEAT_SHARE, repeat_rate
from shortlist_training.log.report import DataReport, Findings, TableReport

CONFIGURED = "said by the configuration"


def read_log(source: str | Path | LogPaths, config: DataConfig | None = None) -> Log:
    """Read a log as the data contract says, and work out what it holds.

    Args:
        source: The folder of the tables, or explicit paths to them.
        config: What the user overrides; None reads the `shortlist.toml` of the folder, if there is one.

    Raises:
        DataError: Something cannot be read; the message names file, column and row, and says what to do.
        ConfigError: The folder's `shortlist.toml` says something that cannot be meant.
    """
    files = locate(source)
    config = config or _config_beside(source)
    findings = Findings()
    raw = {name: _read_raw(table, findings) for name, table in files.items()}
    clean = {name: _clean(table, config, findings) for name, table in raw.items()}
    everything = clean[INTERACTIONS].frame
    interactions = weigh_events(everything, config.events, findings)
    if interactions.is_empty():
        remedy = "Look at the weights in [data.events] and at the column 'value'"
        raise DataError("no interaction counts more than 0", file=raw[INTERACTIONS].parts[0].path, remedy=remedy)
    frames = {name: table.frame for name, table in clean.items()} | {INTERACTIONS: interactions}
    report = _report(raw, clean, frames, config, findings)
    return Log(
        interactions=interactions,
        customers=frames.get(CUSTOMERS),
        items=frames.get(ITEMS),
        columns={name: clean[name].kinds if name in clean else {} for name in TABLES},
        feedback=report.feedback,
        repeats=report.repeats,
        rating_scale=report.rating_scale,
        report=report,
    )


def _config_beside(source: str | Path | LogPaths) -> DataConfig:
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


def _report(
    raw: dict[str, RawTable],
    clean: dict[str, CleanTable],
    frames: dict[str, pl.DataFrame],
    config: DataConfig,
    findings: Findings,
) -> DataReport:
    interactions = frames[INTERACTIONS]
    described = {name: column for name, column in ID_COLUMNS.items() if name in frames}
    feedback = _feedback(frames, config)
    rate = repeat_rate(interactions, config.events)
    scale = infer_scale(interactions[RATING]) if RATING in interactions.columns else None
    return DataReport(
        tables=tuple(_table_report(raw[name], clean[name]) for name in raw),
        interactions=interactions.height,
        customers=interactions[CUSTOMER_ID].n_unique(),
        items=interactions[ITEM_ID].n_unique(),
        date_range=measures.date_range(interactions),
        duplicates=measures.count_duplicates(clean[INTERACTIONS].frame),
        unknown={name: measures.unknown_ids(interactions, frames[name], column) for name, column in described.items()},
        repeat_rate=rate,
        density=measures.density(interactions),
        events_per_customer=measures.spread(interactions, CUSTOMER_ID),
        events_per_item=measures.spread(interactions, ITEM_ID),
        feedback=feedback.kind,
        feedback_reason=feedback.reason,
        repeats=rate >= REPEAT_SHARE if config.repeats is None else config.repeats,
        repeats_reason=f"{rate:.1%} of the takings repeat an earlier one" if config.repeats is None else CONFIGURED,
        rating_scale=config.rating_scale if config.rating_scale and scale else scale,
        events=count_events(clean[INTERACTIONS].frame),
        dropped=tuple(findings.dropped),
        notes=tuple(findings.notes),
    )


def _feedback(frames: dict[str, pl.DataFrame], config: DataConfig) -> FeedbackGuess:
    if config.feedback is not None:
        return FeedbackGuess(config.feedback, CONFIGURED)
    ids = frames[INTERACTIONS][ITEM_ID].unique()
    catalogue = pl.concat([ids, frames[ITEMS][ITEM_ID]]).n_unique() if ITEMS in frames else len(ids)
    return infer_feedback(frames[INTERACTIONS], catalogue)


def _table_report(raw: RawTable, clean: CleanTable) -> TableReport:
    files = tuple(part.path.name for part in raw.parts)
    return TableReport(name=raw.name, files=files, rows=raw.frame.height, columns=clean.reports)
