"""Answers of the server as tables for people or JSON for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import click

from shortlist_client.recommendations import Fallback, FilterReport, Recommendation, Recommendations
from shortlist_client.scores import Calibration, Scores
from shortlist_client.sentences import sentence
from shortlist_client.similar import SimilarCustomers, SimilarItems

if TYPE_CHECKING:
    from rich.table import Table


def print_json(answer: Recommendations | SimilarItems | SimilarCustomers | Scores, *, one_line: bool = False) -> None:
    """Print every field of an answer as JSON; on one line where several answers follow each other."""
    click.echo(json.dumps(asdict(answer), default=_plain, indent=None if one_line else 2, ensure_ascii=False))


def show_recommendations(found: Recommendations, *, explain: bool = False) -> None:
    """Print a ranked list, and below it what made it."""
    table = _table("#", "item", "score", "why" if explain else "sources")
    for item in found:
        table.add_row(str(item.rank + 1), item.item_id, f"{item.score:.4f}", _why(item, explain=explain))
    _print(table, _origin(found), *_notes(found))


def show_similar(found: SimilarItems) -> None:
    """Print the neighbours of an item."""
    table = _table("#", "item", "similarity")
    for item in found:
        table.add_row(str(item.rank + 1), item.item_id, f"{item.score:.4f}")
    origin = f"space {found.space}, bundle {found.bundle.model}/{found.bundle.version}"
    _print(table, origin, *_filtered(found.filter_report), *_fallen_back(found.fallbacks))


def show_similar_customers(found: SimilarCustomers) -> None:
    """Print the neighbours of a customer."""
    table = _table("#", "customer", "similarity")
    for customer in found:
        table.add_row(str(customer.rank + 1), customer.customer_id, f"{customer.score:.4f}")
    _print(table, _origin(found), *_notes(found))


def show_scores(found: Scores) -> None:
    """Print one score for each item."""
    table = _table("item", found.kind.value if found.kind else "score")
    for item in found:
        table.add_row(item.item_id, f"{item.score:.4f}")
    _print(table, _origin(found), *_basis(found.calibration), *_notes(found))


def _basis(calibration: Calibration | None) -> Iterable[str]:
    if calibration is not None:
        window = f", window: {calibration.window}" if calibration.window else ""
        error = "" if calibration.error is None else f", error {calibration.error:.4f}"
        yield f"calibration: {calibration.method}{window}{error}"


def _table(*columns: str) -> "Table":
    # Here and below: rich takes longer to import than `shortlist --help` should take.
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        number = column in {"#", "score", "similarity", "rating", "probability"}
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table


def _print(table: "Table", *lines: str) -> None:
    from rich.console import Console

    # Ids are shown as they are: nothing in them is markup.
    console = Console(markup=False, highlight=False, emoji=False)
    console.print(table)
    for line in lines:
        console.print(line, style="dim")


def _why(item: Recommendation, *, explain: bool) -> str:
    if not explain:
        return ", ".join(item.sources)
    # Of the wishes more is said here than in the sentence: also which are met in part, and which are not.
    return "; ".join(filter(None, [_wishes(item), sentence(item.item_id, item.reasons)]))


def _wishes(item: Recommendation) -> str:
    """Say which wishes the item meets: `meets brand Farm; partly price 6.2 (0.89); not kind tea`."""
    said = {
        "meets": [one.text for one in item.wishes_met if one.met],
        "partly": [f"{one.text} ({one.degree:.2f})" for one in item.wishes_met if one.degree > 0 and not one.met],
        "not": [one.text for one in item.wishes_met if not one.degree],
    }
    return "; ".join(f"{word} {', '.join(wishes)}" for word, wishes in said.items() if wishes)


def _origin(found: Recommendations | Scores | SimilarCustomers) -> str:
    moment = datetime.fromtimestamp(found.as_of, tz=UTC).isoformat(sep=" ", timespec="seconds")
    clock = f" ({found.clock.value})" if found.clock else ""
    return f"bundle {found.bundle.model}/{found.bundle.version}, as of {moment}{clock}"


def _notes(found: Recommendations | Scores | SimilarCustomers) -> Iterable[str]:
    if not found.known_customer:
        yield "the customer is not known"
    if isinstance(found, Recommendations) and found.relaxations:
        yield f"no item meets every must; {'; '.join(one.text for one in found.relaxations)}"
    yield from _fallen_back(found.fallbacks)
    if isinstance(found, Recommendations) and found.unknown_attributes:
        yield f"ignored features: {', '.join(found.unknown_attributes)}"
    if isinstance(found, Recommendations) and found.unknown_items:
        yield f"{found.unknown_items} items of the request are not in the catalogue"
    if isinstance(found, Recommendations):
        yield from _filtered(found.filter_report)
        yield from _explored(found)


def _fallen_back(fallbacks: Iterable[Fallback]) -> Iterable[str]:
    for fallback in fallbacks:
        yield f"{fallback.code}: {fallback.text}" if fallback.text else fallback.code


def _filtered(report: FilterReport | None) -> Iterable[str]:
    if report is not None:
        how = f" ({report.strategy.value})" if report.strategy else ""
        searched = f"{report.scanned:,} scanned, {report.survived:,} of them allowed"
        yield f"{report.matching:,} items meet the filter; {searched}{how}"


def _explored(found: Recommendations) -> Iterable[str]:
    if found.exploration is not None:
        own = found.exploration
        chances = ", ".join(f"{item.propensity:.3g}" for item in found if item.propensity is not None)
        yield f"explored by {own.policy} {own.strength:g}, seed {own.seed}; probabilities {chances}"


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no place in JSON")
