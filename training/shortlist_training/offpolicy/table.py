"""A judgement as a table for people, and as JSON for programs."""

from typing import Any

from rich.table import Table

from shortlist_training.offpolicy.estimate import Estimate
from shortlist_training.offpolicy.judging import Judgement


def judgement_table(judgement: Judgement) -> Table:
    """Return one row for each estimator, and for what was logged."""
    table = Table(
        title=f"reward of a slate under the new policy, from {judgement.logged.count:,} impressions of the log's",
        title_justify="left",
    )
    table.add_column("estimator")
    for heading in ("reward", "from", "to"):
        table.add_column(heading, justify="right")
    table.add_column("interval")
    table.add_column("effective sample", justify="right")
    for one in (judgement.logged, *judgement.estimates):
        table.add_row(*_cells(one))
    table.caption = "\n".join(f"not judged: {reason}" for reason in judgement.refused.values())
    table.caption_justify = "left"
    return table


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """Return everything."""
    return {
        "logged": judgement.logged.to_json(),
        "estimates": [one.to_json() for one in judgement.estimates],
        "refused": dict(judgement.refused),
    }


def _cells(one: Estimate) -> tuple[str, ...]:
    ends = (f"{one.value:.5f}", f"{one.interval.low:.5f}", f"{one.interval.high:.5f}")
    return (one.estimator, *ends, one.interval.kind, f"{one.sample:,.0f}")
