"""`shortlist items`: put items into the catalogue of a running server, and take them out."""

from pathlib import Path

import click

from shortlist_client.commands.described_file import ITEM_ID, ids_of, items_of
from shortlist_client.commands.options import address_options
from shortlist_client.commands.portions import Tally
from shortlist_client.errors import UsageError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LEAST_SECONDS = 60.0
"""What a call of many rows may take at least."""


@click.group()
def items() -> None:
    """Put items into the catalogue of a running server, and take them out."""


@items.command()
@click.argument("file", type=FILE)
@address_options
def upsert(file: Path, server: str, model: str, timeout: float, as_json: bool) -> None:
    """Add the items of FILE, or replace them whole: recommended at once, without training.

    CSV or Parquet with item_id, any columns and, if wanted, available_from and available_until; an empty cell is no
    attribute. Each row stands or falls alone.
    """
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    tally = Tally(what="items")
    with Client(server, timeout=max(timeout, LEAST_SECONDS), model=model) as shortlist:
        tally.send(items_of(file), lambda portion: shortlist.upsert_items(portion))
    tally.show("stored", where=file.name, as_json=as_json)


@items.command()
@click.argument("item_ids", metavar="[ITEM]...", nargs=-1)
@click.option("--file", type=FILE, help="CSV or Parquet file with item_id, or text with one id on each line.")
@address_options
def delete(
    item_ids: tuple[str, ...], file: Path | None, server: str, model: str, timeout: float, as_json: bool
) -> None:
    """Take items out of the catalogue, at once."""
    if bool(item_ids) == (file is not None):
        raise UsageError("give the ids of items, or --file FILE")
    from shortlist_client.client import Client

    tally = Tally(what="items")
    with Client(server, timeout=max(timeout, LEAST_SECONDS), model=model) as shortlist:
        given = ids_of(file, ITEM_ID) if file else iter(item_ids)
        tally.send(given, lambda portion: shortlist.delete_items(portion))
    tally.show("deleted", where=file.name if file else "ITEM", as_json=as_json)
