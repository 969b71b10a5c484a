"""`shortlist similar`: the items nearest to an item, the customers nearest to a customer."""

import click

from shortlist_client.commands.arguments import joined
from shortlist_client.commands.conditions import joined_conditions
from shortlist_client.commands.display import print_json, show_similar, show_similar_customers
from shortlist_client.commands.options import list_options, server_options
from shortlist_client.filters import Filter
from shortlist_client.similar import SimilarCustomers


@click.command()
@click.argument("item", required=False)
@click.option("--customer", metavar="ID", help="Show customers near this customer instead.")
@list_options
@click.option("--space", default="", help="In which item space: two_tower, embedding, content, co_occurrence.")
@server_options
def similar(
    item: str | None,
    customer: str | None,
    k: int,
    filter: tuple[Filter, ...],
    exclude: tuple[tuple[str, ...], ...],
    space: str,
    server: str,
    model: str,
    placement: str,
    timeout: float,
    as_json: bool,
) -> None:
    """Show the items nearest to ITEM, or with --customer the customers nearest to a customer."""
    if (item is None) == (customer is None):
        raise click.UsageError("Give either ITEM or --customer ID.")
    if customer is not None and (filter or exclude or space):
        raise click.UsageError("--filter, --exclude and --space are about items; leave them out beside --customer.")
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        if item is None:
            _show_alike(shortlist.similar_customers(customer, k=k), as_json)
            return
        found = shortlist.similar_items(
            item, k=k, space=space, filter=joined_conditions(filter), exclude_items=joined(exclude)
        )
    if as_json:
        print_json(found)
    else:
        show_similar(found)


def _show_alike(found: SimilarCustomers, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        show_similar_customers(found)
