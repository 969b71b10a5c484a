"""`shortlist record`: tell the server what customers did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from shortlist_client.commands.arguments import assigned, assignment, moment
from shortlist_client.commands.options import server_options
from shortlist_client.errors import UsageError
from shortlist_client.feedback import FeedbackEvent, RecordedRun

_SHOWN_ERRORS = 10


@click.command()
@click.argument("customer", required=False)
@click.argument("item", required=False)
@click.option(
    "--events", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV or Parquet file of events, with the columns of interactions and, if wanted, event_id.",
)  # fmt: skip
@click.option("--event", default="", help="Kind of the event: view, click, purchase...")
@click.option("--at", type=moment, metavar="TIME", help="When: seconds, or ISO time (UTC); now by default.")
@click.option("--value", type=float, default=1.0, show_default=True, help="Weight or quantity.")
@click.option("--rating", type=float, help="The customer's own judgement.")
@click.option("--order", default="", help="Names what was taken together.")
@click.option("--impression", default="", help="The list that they acted on.")
@click.option("--rank", type=click.IntRange(min=0), help="Where the item stood in that list, counted from 0.")
@click.option("--event-id", default="", help="Unique; repeating it records nothing twice. Made anew by default.")
@click.option("--context", type=assignment, multiple=True, metavar="NAME=VALUE", help="Context of the event.")
@server_options
def record(
    customer: str | None,
    item: str | None,
    events: Path | None,
    server: str,
    model: str,
    placement: str,
    timeout: float,
    as_json: bool,
    **fields: Any,
) -> None:
    """Record that CUSTOMER did something with ITEM, or all the events of a file.

    When the command ends well, the events are on the server's disk.
    """
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    given = _given(customer, item, events, fields)
    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        run = shortlist.record_run(given, timeout=max(timeout, 60.0) if events else timeout)
    _show(run, as_json=as_json)
    if run.rejected:
        raise click.exceptions.Exit(1)


def _given(
    customer: str | None, item: str | None, events: Path | None, fields: dict[str, Any]
) -> Iterator[FeedbackEvent]:
    if (events is None) == (customer is None or item is None) or (events is not None and customer is not None):
        raise UsageError("give CUSTOMER and ITEM, or --events FILE")
    if events is not None:
        from shortlist_client.commands.events_file import events_of

        return events_of(events)
    return iter([_single(customer or "", item or "", **fields)])


def _single(customer: str, item: str, *, event_id: str, at: float | None, **fields: Any) -> FeedbackEvent:
    own_id = {"event_id": event_id} if event_id else {}
    return FeedbackEvent(
        customer_id=customer,
        item_id=item,
        event=fields["event"],
        timestamp=at,
        value=fields["value"],
        rating=fields["rating"],
        order_id=fields["order"],
        impression_id=fields["impression"],
        rank=fields["rank"],
        context=assigned(fields["context"]),
        **own_id,
    )


def _show(run: RecordedRun, *, as_json: bool) -> None:
    if as_json:
        errors = {str(row): str(error) for row, error in run.errors.items()}
        counts = {"recorded": run.recorded, "duplicates": run.duplicates, "rejected": run.rejected}
        click.echo(json.dumps({**counts, "position": run.position, "errors": errors}, indent=2, ensure_ascii=False))
        return
    click.echo(f"recorded {run.recorded}, duplicates {run.duplicates}, refused {run.rejected}; position {run.position}")
    for row, error in list(run.errors.items())[:_SHOWN_ERRORS]:
        click.echo(f"row {row + 1}: {error}", err=True)
