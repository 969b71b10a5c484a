"""Weights of events: what each kind of interaction counts, and which of them are no taking at all."""

from collections.abc import Mapping

import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, EVENT, INTERACTIONS, ITEM_ID, VALUE
from shortlist_training.log.report import Dropped, Findings
from shortlist_training.suggestion import nearest


def count_events(interactions: pl.DataFrame) -> dict[str, int]:
    """Count the rows of each event name, the most frequent first; empty without an `event` column."""
    if EVENT not in interactions.columns:
        return {}
    counts = (
        interactions[EVENT]
        .drop_nulls()
        .value_counts(sort=True, name="rows")
        .sort("rows", EVENT, descending=[True, False])
    )
    return dict(counts.iter_rows())


def weigh_events(interactions: pl.DataFrame, weights: Mapping[str, float], findings: Findings) -> pl.DataFrame:
    """Multiply `value` by the weight of the event, and keep only the rows in which that leaves more than 0.

    The rest (a weight of 0 or below, a quantity of 0, an event without a weight) is no taking; the findings count it.
    """
    named = EVENT in interactions.columns
    if weights:
        _check_names(interactions, weights, findings)
    elif named and interactions[EVENT].n_unique() > 1:
        names = ", ".join(list(count_events(interactions))[:5])
        findings.notes.append(f"all events ({names}) count the same; weights can be given in [data.events]")
    if weights and named:
        interactions = _weighed(interactions, weights, findings)
    worthless = interactions.filter(pl.col(VALUE) <= 0)
    if worthless.height:
        findings.dropped.append(_dropped(worthless, "a value of 0"))
    return interactions.filter(pl.col(VALUE) > 0)


def _check_names(interactions: pl.DataFrame, weights: Mapping[str, float], findings: Findings) -> None:
    there = list(count_events(interactions))
    for name in weights:
        if name not in there:
            guess = nearest(name, there)
            hint = f" (is '{guess}' meant?)" if guess else ""
            findings.notes.append(f"[data.events] names '{name}', which does not occur in the log{hint}")


def _weighed(interactions: pl.DataFrame, weights: Mapping[str, float], findings: Findings) -> pl.DataFrame:
    counted = [name for name, weight in weights.items() if weight > 0]
    kept = pl.col(EVENT).is_in(counted).fill_null(False)
    for (name,), gone in interactions.filter(~kept).group_by(EVENT, maintain_order=True):
        findings.dropped.append(_dropped(gone, _no_taking(name, weights)))
    factor = pl.col(EVENT).replace_strict(dict(weights), return_dtype=pl.Float32)
    return interactions.filter(kept).with_columns((pl.col(VALUE) * factor).cast(pl.Float32))


def _no_taking(name: object, weights: Mapping[str, float]) -> str:
    if name is None:
        return "the event is empty, and [data.events] gives weights"
    if name in weights:
        return f"the event '{name}' has the weight {weights[str(name)]:g}"
    return f"the event '{name}' has no weight in [data.events]"


def _dropped(gone: pl.DataFrame, reason: str) -> Dropped:
    first = gone.row(0, named=True)
    example = f"customer '{first[CUSTOMER_ID]}', item '{first[ITEM_ID]}'"
    return Dropped(table=INTERACTIONS, reason=reason, rows=gone.height, example=example)
