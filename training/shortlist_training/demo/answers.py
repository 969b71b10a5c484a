"""The answers as tables for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from shortlist_client import Recommendations, SimilarItems
from shortlist_training.demo.cast import Cast
from shortlist_training.demo.names import ItemNames
from shortlist_training.demo.questions import REPEATS, Answers, Timed
from shortlist_training.demo.reasons import reasons


def render_answers(cast: Cast, answers: Answers, names: ItemNames) -> Iterator[Table | str]:
    """Yield what was asked, what was answered, and how long it took, for each of the three questions."""
    yield f"[bold]1. A customer the log knows: {escape(cast.customer)}[/bold]"
    yield f"took last: {_listed(cast.latest, names)}"
    yield recommendations_table(answers.customer.answer, names)
    yield recommended_in(answers.customer)
    yield "[bold]2. A customer nobody has seen, described in the request[/bold]"
    yield f"is: {_described(cast.stranger.features)}"
    yield f"took: {_listed(cast.stranger.items, names)}"
    yield recommendations_table(answers.stranger.answer, names)
    yield recommended_in(answers.stranger)
    yield f"[bold]3. Items similar to {_listed((cast.seed,), names)}[/bold]"
    if answers.similar is None:
        yield "this log's bundle predicts ratings and has no space in which items could be near each other"
        return
    yield similar_table(answers.similar.answer, names)
    yield f"{_trip(answers.similar)}; in the space {escape(answers.similar.answer.space)}"


def recommendations_table(found: Recommendations, names: ItemNames) -> Table:
    """Return a ranked list with names, scores and reasons."""
    table = _table("#", "item", "id", "score", "why")
    for item, why in zip(found, reasons(found, names), strict=True):
        cells = (names.of(item.item_id), item.item_id, f"{item.score:.2f}", why)
        table.add_row(str(item.rank + 1), *map(escape, cells))
    return table


def similar_table(found: SimilarItems, names: ItemNames) -> Table:
    """Return the neighbours of an item with names and similarities."""
    table = _table("#", "item", "id", "similarity")
    for item in found:
        table.add_row(str(item.rank + 1), escape(names.of(item.item_id)), escape(item.item_id), f"{item.score:.3f}")
    return table


def recommended_in(timed: Timed[Recommendations]) -> str:
    """Say how long a list took, where the time went, and what the server remarked."""
    found = timed.answer
    stages = ", ".join(f"{name} {spent:.1f}" for name, spent in found.timings_ms.items())
    inside = f"in the server {sum(found.timings_ms.values()):.1f} ms ({stages})"
    remarks = "".join(f"; {fallback.code}" for fallback in found.fallbacks)
    return escape(f"{_trip(timed)}; {inside}; {found.candidates} candidates reranked{remarks}")


def _trip(timed: Timed[Any]) -> str:
    return f"answered in {timed.median:.1f} ms (median of {REPEATS}; {timed.first:.1f} ms the first time)"


def _listed(items: tuple[str, ...], names: ItemNames) -> str:
    # Different items may have one name, such as the flavours of a drink.
    return escape("; ".join(dict.fromkeys(map(names.of, items))))


def _described(features: Mapping[str, Any]) -> str:
    return escape(", ".join(f"{name} {_shown(value)}" for name, value in features.items())) or "not described"


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("#", "score", "similarity") else "left")
    return table
