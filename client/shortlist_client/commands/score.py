"""`shortlist score`: what a customer would make of given items."""

import click

from shortlist_client.commands.arguments import assigned, profile_of
from shortlist_client.commands.display import print_json, show_scores
from shortlist_client.commands.options import customer_options, server_options


@click.command()
@click.argument("customer")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@customer_options
@server_options
def score(
    customer: str,
    items: tuple[str, ...],
    features: tuple[tuple[str, object], ...],
    history: tuple[tuple[str, ...], ...],
    context: tuple[tuple[str, object], ...],
    as_of: float | None,
    server: str,
    model: str,
    placement: str,
    timeout: float,
    as_json: bool,
) -> None:
    """Show what a customer would make of each item.

    The numbers are predicted ratings or probabilities, as the model was trained. Give '' as CUSTOMER for someone who
    has no id.
    """
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        found = shortlist.score(
            customer,
            items=items,
            profile=profile_of(features, history),
            as_of=as_of,
            context=assigned(context),
        )
    if as_json:
        print_json(found)
    else:
        show_scores(found)
