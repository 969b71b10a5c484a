"""`shortlist customers`: tell a running server about customers, and let it forget them."""

from pathlib import Path

import click

from shortlist_client.commands.described_file import CUSTOMER_ID, Described, customers_of, ids_of
from shortlist_client.commands.items import FILE, LEAST_SECONDS
from shortlist_client.commands.options import address_options
from shortlist_client.commands.portions import Tally
from shortlist_client.errors import UsageError


@click.group()
def customers() -> None:
    """Tell a running server about customers, and let it forget them."""


@customers.command()
@click.argument("file", type=FILE)
@click.option("--empty-clears", is_flag=True, help="An empty cell clears what is known; else it says nothing.")
@address_options
def upsert(file: Path, empty_clears: bool, server: str, model: str, timeout: float, as_json: bool) -> None:
    """Set features of the customers of FILE; columns that it lacks stay as they are.

    CSV or Parquet with customer_id and any columns. Each row stands or falls alone.
    """
    from shortlist_client.changes import Upserted
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    def send(portion: list[Described]) -> Upserted:
        features = dict(portion)
        if len(features) < len(portion):
            twice = next(name for n, (name, _) in enumerate(portion) if name in dict(portion[:n]))
            raise UsageError(f"{file.name}: customer {twice!r} has several rows; give each customer one")
        return shortlist.upsert_customers(features)

    tally = Tally(what="customers")
    with Client(server, timeout=max(timeout, LEAST_SECONDS), model=model) as shortlist:
        tally.send(customers_of(file, empty_clears=empty_clears), send)
    tally.show("stored", where=file.name, as_json=as_json)


@customers.command()
@click.argument("customer_ids", metavar="[CUSTOMER]...", nargs=-1)
@click.option("--file", type=FILE, help="CSV or Parquet file with customer_id, or text with one id on each line.")
@address_options
def forget(
    customer_ids: tuple[str, ...], file: Path | None, server: str, model: str, timeout: float, as_json: bool
) -> None:
    """Forget customers: events and features at once, the rest with the next bundle. It cannot be undone."""
    if bool(customer_ids) == (file is not None):
        raise UsageError("give the ids of customers, or --file FILE")
    from shortlist_client.client import Client

    tally = Tally(what="customers")
    with Client(server, timeout=max(timeout, LEAST_SECONDS), model=model) as shortlist:
        given = ids_of(file, CUSTOMER_ID) if file else iter(customer_ids)
        tally.send(given, lambda portion: shortlist.delete_customers(portion))
    tally.show("forgotten", where=file.name if file else "CUSTOMER", as_json=as_json)
