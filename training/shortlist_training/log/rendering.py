"""The data report as tables for a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shortlist_training.log.report import ColumnReport, DataReport, Dropped, Quantiles, TableReport, iso

EVENTS = 10
"""How many event names are shown."""


def render(report: DataReport) -> RenderableType:
    """Return the report, ready to be printed by a rich console."""
    tables = [_overview(report), _spreads(report), *(_columns(table) for table in report.tables)]
    if report.dropped:
        tables.append(_dropped(report.dropped))
    parts: list[RenderableType] = [Padding(table, (0, 0, 1, 0), expand=False) for table in tables]
    return Group(*parts, *(Text(f"note: {note}") for note in report.notes))


def _grid(title: str, *headers: str) -> Table:
    return Table(*headers, title=title, title_justify="left", title_style="bold", header_style="dim", box=None)


def _overview(report: DataReport) -> Table:
    table = _grid("Log", "", "", "")
    for row in _facts(report):
        # Text, not markup: values of the data may hold square brackets.
        table.add_row(*(Text(cell) for cell in row))
    return table


def _facts(report: DataReport) -> Iterator[tuple[str, str, str]]:
    yield "interactions", f"{report.interactions:,}", f"{report.duplicates:,} equal an earlier row; kept"
    yield "customers", f"{report.customers:,}", ""
    yield "items", f"{report.items:,}", ""
    if report.date_range:
        first, last = report.date_range
        yield "dates", f"{iso(first)} to {iso(last)}", f"{(last - first) / 86400:,.0f} days"
    else:
        yield "dates", "none", "the order of rows is never used"
    yield "feedback", report.feedback.value, report.feedback_reason
    yield "repeats", "yes" if report.repeats else "no", report.repeats_reason
    yield "people to people", "yes" if report.people_to_people else "no", report.people_reason
    if report.rating_scale:
        low, high = report.rating_scale
        yield "rating scale", f"{low:g} to {high:g}", ""
    yield "density", f"{report.density:.3%}", "of all customer-item pairs occur"
    for name, unknown in report.unknown.items():
        example = f", such as '{unknown.example}'" if unknown.example is not None else ""
        detail = f"of the interactions; {unknown.ids:,} ids{example}; kept"
        yield f"not in '{name}'", f"{unknown.share:.1%}", detail
    for event, rows in list(report.events.items())[:EVENTS]:
        yield f"event '{event}'", f"{rows:,}", ""
    if len(report.events) > EVENTS:
        yield (
            "other events",
            f"{sum(list(report.events.values())[EVENTS:]):,}",
            f"{len(report.events) - EVENTS:,} names",
        )


def _spreads(report: DataReport) -> Table:
    table = _grid("Interactions per", "", "mean", "min", "25 %", "median", "75 %", "90 %", "99 %", "max")
    for name, spread in (("customer", report.events_per_customer), ("item", report.events_per_item)):
        table.add_row(name, *(f"{value:,.1f}".removesuffix(".0") for value in _values(spread)))
    return table


def _values(spread: Quantiles) -> tuple[float, ...]:
    ends = (spread.mean, spread.minimum, spread.p25, spread.median)
    return (*ends, spread.p75, spread.p90, spread.p99, spread.maximum)


def _columns(table: TableReport) -> Table:
    files = table.files[0] if len(table.files) == 1 else f"{len(table.files)} parts"
    title = f"{table.name}: {table.rows:,} rows ({files})"
    rendered = _grid(title, "column", "role", "kind", "missing", "distinct", "examples")
    for column in table.columns:
        rendered.add_row(*(Text(cell) for cell in _column(column)))
    return rendered


def _column(column: ColumnReport) -> tuple[str, ...]:
    kind = column.kind.value if column.kind else ""
    # A few missing values among millions must not read as none.
    missing = "" if not column.missing else "<0.1%" if column.missing < 0.001 else f"{column.missing:.1%}"
    return column.name, column.role.value, kind, missing, f"{column.distinct:,}", ", ".join(column.examples)


def _dropped(dropped: tuple[Dropped, ...]) -> Table:
    table = _grid("Left out", "what", "rows", "why", "example")
    for entry in dropped:
        what = f"{entry.table}.{entry.column}" if entry.column else f"rows of {entry.table}"
        table.add_row(*(Text(cell) for cell in (what, f"{entry.rows:,}", entry.reason, entry.example)))
    return table
