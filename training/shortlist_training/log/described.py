"""The tables `customers` and `items`: one row per id, and what is known of it."""

import polars as pl

from shortlist_bundle.columns import AVAILABILITY_COLUMNS, AVAILABLE_FROM, AVAILABLE_UNTIL, ID_COLUMNS, ITEM_ID, ITEMS
from shortlist_training.log.column_report import report_column
from shortlist_training.log.config import DataConfig
from shortlist_training.log.feature_columns import IGNORED, check_overrides, drop_column, read_features
from shortlist_training.log.ids import read_ids
from shortlist_training.log.interactions import CleanTable
from shortlist_training.log.moments import read_moments
from shortlist_training.log.raw_table import RawTable
from shortlist_training.log.report import Findings, Role


def clean_described(table: RawTable, config: DataConfig, findings: Findings) -> CleanTable:
    """Check and convert every column; the id comes first, then availability, then the features.

    Raises:
        DataError: An id is empty or stands twice, or a value is not of its column's kind.
    """
    check_overrides(table, config)
    id_column = ID_COLUMNS[table.name]
    ids = read_ids(table, id_column)
    _check_once(table, ids)
    availability = [name for name in AVAILABILITY_COLUMNS if table.name == ITEMS and name in table.frame.columns]
    moments = [moment for name in availability if (moment := _availability(table, name, config, findings)) is not None]
    others = [name for name in table.frame.columns if name not in (id_column, *availability)]
    features = read_features(table, others, config, findings)
    kept = {moment.name for moment in moments}
    reports = features.reports | {id_column: report_column(table.frame[id_column], Role.ID)}
    for name in availability:
        reports[name] = report_column(table.frame[name], Role.AVAILABILITY if name in kept else Role.LEFT_OUT)
    frame = pl.DataFrame([ids, *moments, *features.values])
    _note_never_available(frame, findings)
    return CleanTable(frame, features.kinds, tuple(reports[name] for name in table.frame.columns))


def _availability(table: RawTable, name: str, config: DataConfig, findings: Findings) -> pl.Series | None:
    values = table.frame[name]
    empty = values.null_count() == len(values)
    if empty or config.ignores(table.name, name):
        findings.dropped.append(drop_column(table, values, "no value at all" if empty else IGNORED))
        return None
    return read_moments(table, name, findings, required=False)


def _note_never_available(items: pl.DataFrame, findings: Findings) -> None:
    if not set(AVAILABILITY_COLUMNS) <= set(items.columns):
        return
    never = items.filter(pl.col(AVAILABLE_UNTIL) <= pl.col(AVAILABLE_FROM))
    if never.height:
        example = never[ITEM_ID][0]
        findings.notes.append(f"items: {never.height:,} end before they begin, such as '{example}': never available")


def _check_once(table: RawTable, ids: pl.Series) -> None:
    repeated = ids.is_duplicated()
    first = repeated.arg_max()
    if first is None or not repeated[first]:
        return
    rows = (ids == ids[first]).arg_true().head(5).to_list()
    places = [table.place(row) for row in rows]
    shown = ", ".join(str(row) if file == places[0][0] else f"{row} of {file.name}" for file, row in places)
    remedy = "Keep one row for each id"
    raise table.error(f"the id '{ids[first]}' stands in rows {shown}", column=ids.name, index=rows[1], remedy=remedy)
