"""The figures of a bundle as tables for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 120
"""Columns of a table that no terminal limits: a figure and its error stay on one line."""
SHOWN = ("ndcg@10", "ndcg@20", "recall@20", "hr@10", "mrr@10")
MODES = {"all": "all items, seen ones too", "new": "only items new to the customer"}


def console() -> Console:
    """Return where the tables go: the terminal as wide as it is, a pipe wide enough for them."""
    found = Console()
    return found if found.is_terminal else Console(width=PIPED_WIDTH)


def render_metrics(metrics: Mapping[str, Any]) -> Iterator[Table]:
    """Yield what has grown, a table per funnel of the refitted pair, what the refit changed, and the ratings."""
    if "warm_start" in metrics:
        yield _grown(metrics["warm_start"])
    ranking = metrics.get("ranking")
    if ranking:
        pairs = ranking["judged"]
        for funnel in pairs["refitted pair"]:
            yield funnel_table(funnel)
        yield _pairs(pairs)
    if metrics.get("calibration"):
        yield _calibration(metrics["calibration"])
    if "ratings" in metrics:
        yield _ratings(metrics["ratings"])


def _grown(figures: Mapping[str, Any]) -> Table:
    table = Table(title=f"what is new to bundle {figures['from']}", title_justify="left")
    for heading in ("", "known", "new", "gone"):
        table.add_column(heading, justify="right" if heading else "left")
    events = figures["events"]
    table.add_row("events", f"{events['seen']:,}", f"{events['new']:,}", "")
    for what in ("customers", "items"):
        table.add_row(what, *(f"{figures[what][name]:,}" for name in ("known", "new", "gone")))
    for column, count in figures["values"].items():
        table.add_row(f"values of {column}", "", f"{count:,}", "")
    for column in figures["unread_columns"]:
        table.add_row(f"{column}, not read", "", "a column", "")
    return table


def funnel_table(funnel: Mapping[str, Any]) -> Table:
    """Return one funnel: each source alone, the merged shortlist, the reranked list."""
    table = Table(
        title=f"{MODES[funnel['mode']]}: {funnel['customers']:,} customers, {funnel['targets']:.1f} targets each",
        title_justify="left",
    )
    table.add_column("list")
    for name in ("ndcg@10", "ndcg@20", "recall@20", "recall@200"):
        table.add_column(name, justify="right")
    for source, figures in funnel["sources"].items():
        table.add_row(f"{source} alone", *_cells(figures, ("ndcg@10", "ndcg@20", "recall@20", "recall@200")))
    size = funnel["shortlist"]["size"]["mean"]
    table.add_row(f"merged shortlist ({size:.0f} items)", "", "", "", _cell(funnel["shortlist"]["recall"]))
    fused = _cell(funnel["shortlist"]["fusion ndcg@20"])
    table.add_row("the same, by reciprocal-rank fusion", "", fused, "", "")
    table.add_row(
        "reranked by the scorer", *_cells(funnel["end_to_end"], ("ndcg@10", "ndcg@20", "recall@20")), "", style="bold"
    )
    table.caption = f"the scorer gains {_cell(funnel['gain'])} nDCG@20 on fusion, paired by customer"
    table.caption_justify = "left"
    return table


def _pairs(pairs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    table = Table(title="before and after the refit, on the same window", title_justify="left")
    for heading in ("fit", "items", *SHOWN):
        table.add_column(heading, justify="left" if heading in ("fit", "items") else "right")
    for name, funnels in pairs.items():
        for funnel in funnels:
            table.add_row(name, funnel["mode"], *_cells(funnel["end_to_end"], SHOWN))
    return table


def _calibration(figures: Mapping[str, Any]) -> Table:
    table = Table(title="probabilities, fitted on the tuning window, on the judged one", title_justify="left")
    for heading in ("items", "curve", "pairs", "taken", "error before", "after", "Brier before", "after"):
        table.add_column(heading, justify="left" if heading in ("items", "curve") else "right")
    for name, judged in figures["judged"].items():
        one = figures[name]
        values = [judged[when][key] for key in ("error", "brier") for when in ("before", "after")] if judged else []
        cells = [f"{value:.4f}" for value in values]
        table.add_row(name, one["method"], f"{one['pairs']:,}", f"{one['taken']:,}", *cells)
    return table


def _ratings(figures: Mapping[str, Any]) -> Table:
    table = Table(title="ratings", title_justify="left")
    for name in figures:
        table.add_column(name, justify="right")
    table.add_row(*(f"{value:.4f}" if isinstance(value, float) else str(value) for value in figures.values()))
    return table


def _cells(figures: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> list[str]:
    return [_cell(figures[name]) if name in figures else "" for name in names]


def _cell(figure: Mapping[str, float]) -> str:
    return f"{figure['mean']:.4f} ±{figure['error']:.4f}"
