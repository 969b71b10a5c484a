"""The commands that ask a server: `shortlist recommend`, `similar` and `score`."""

from collections.abc import Callable
from typing import TypeVar

import click

from shortlist_client import Client, Profile, Seen, SimilarCustomers
from shortlist_client.arguments import assigned, assignment, ids, joined, moment
from shortlist_client.display import print_json, show_recommendations, show_scores, show_similar, show_similar_customers
from shortlist_client.filters import Filter
from shortlist_client.needs import Wish
from shortlist_client.needs_arguments import must, needs, source, wish

_Command = TypeVar("_Command", bound=Callable[..., None])


def _server_options(command: _Command) -> _Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--timeout", type=float, default=5.0, show_default=True, help="Seconds to wait for the answer."),
        click.option("--placement", default="", help="Name of the placement whose policy applies."),
        click.option("--model", default="", help="Name of the model that answers."),
        click.option(
            "--server",
            default="localhost:50051",
            show_default=True,
            envvar="SHORTLIST_SERVER",
            show_envvar=True,
            metavar="HOST:PORT",
            help="Where the server is.",
        ),
    ):
        command = option(command)
    return command


def _customer_options(command: _Command) -> _Command:
    for option in (
        click.option("--as-of", type=moment, metavar="TIME", help="What counts as now: seconds, or ISO time (UTC)."),
        click.option(
            "--context", type=assignment, multiple=True, metavar="NAME=VALUE", help="Context of this request."
        ),
        click.option(
            "--history", type=ids, multiple=True, metavar="ID,ID", help="What they took before, oldest first."
        ),
        click.option(
            "--features", type=assignment, multiple=True, metavar="NAME=VALUE", help="A feature of the customer."
        ),
    ):
        command = option(command)
    return command


def _list_options(command: _Command) -> _Command:
    for option in (
        click.option("--exclude", type=ids, multiple=True, metavar="ID,ID", help="Items that may not be in the list."),
        click.option(
            "--filter",
            type=assignment,
            multiple=True,
            metavar="NAME=VALUE",
            help="Only items whose attribute has this value; given twice for one attribute, either value.",
        ),
        click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="Length of the list."),
    ):
        command = option(command)
    return command


def _needs_options(command: _Command) -> _Command:
    for option in (
        click.option(
            "--source", type=source, multiple=True, metavar="NAME[=WEIGHT]", help="Who may propose; all by default."
        ),
        click.option("--relax", is_flag=True, help="Where nothing meets every must, give up as few as possible."),
        click.option("--wish-weight", type=float, help="Share of the wishes in the order, 0 to 1; 0.5 by default."),
        click.option(
            "--wish",
            type=wish,
            multiple=True,
            metavar="WISH",
            help="NAME=VALUE, NAME~TARGET±WITHIN, NAME:lowest or NAME:highest; before it WEIGHT* if not 1.",
        ),
        click.option(
            "--must", type=must, multiple=True, metavar="MUST", help="What every item meets: NAME=VALUE, NAME<=NUMBER."
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("customer", required=False)
@_list_options
@_customer_options
@_needs_options
@click.option(
    "--seen",
    type=click.Choice([seen.value for seen in Seen]),
    default=Seen.POLICY.value,
    show_default=True,
    help="Whether items that the customer has already taken may be in the list.",
)
@click.option("--explain", is_flag=True, help="Say which sources proposed each item, and which wishes it meets.")
@_server_options
def recommend(
    customer: str | None,
    k: int,
    filter: tuple[tuple[str, object], ...],
    exclude: tuple[tuple[str, ...], ...],
    features: tuple[tuple[str, object], ...],
    history: tuple[tuple[str, ...], ...],
    context: tuple[tuple[str, object], ...],
    as_of: float | None,
    must: tuple[Filter, ...],
    wish: tuple[Wish, ...],
    wish_weight: float | None,
    relax: bool,
    source: tuple[tuple[str, float], ...],
    seen: str,
    explain: bool,
    server: str,
    model: str,
    placement: str,
    timeout: float,
    as_json: bool,
) -> None:
    """Show what a customer should see now.

    CUSTOMER is an id of the log. Leave it out for someone who has none, and say what you know with --features and
    --history, or what they need with --must and --wish. A value that reads as a JSON number, true, false, list or
    "text" is sent as that, any other as text.
    """
    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        found = shortlist.recommend(
            customer,
            profile=_profile(features, history),
            k=k,
            as_of=as_of,
            context=assigned(context),
            filter=assigned(filter),
            needs=needs(must, wish, wish_weight, relax),
            exclude_items=joined(exclude),
            seen=Seen(seen),
            sources=dict(source),
            explain=explain,
        )
    if as_json:
        print_json(found)
    else:
        show_recommendations(found, explain=explain)


@click.command()
@click.argument("item", required=False)
@click.option("--customer", metavar="ID", help="Show customers near this customer instead.")
@_list_options
@click.option("--space", default="", help="In which item space: two_tower, embedding, content, co_occurrence.")
@_server_options
def similar(
    item: str | None,
    customer: str | None,
    k: int,
    filter: tuple[tuple[str, object], ...],
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
    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        if item is None:
            _show_alike(shortlist.similar_customers(customer, k=k), as_json)
            return
        found = shortlist.similar_items(item, k=k, space=space, filter=assigned(filter), exclude_items=joined(exclude))
    if as_json:
        print_json(found)
    else:
        show_similar(found)


def _show_alike(found: SimilarCustomers, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        show_similar_customers(found)


@click.command()
@click.argument("customer")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@_customer_options
@_server_options
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
    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        found = shortlist.score(
            customer,
            items=items,
            profile=_profile(features, history),
            as_of=as_of,
            context=assigned(context),
        )
    if as_json:
        print_json(found)
    else:
        show_scores(found)


def _profile(features: tuple[tuple[str, object], ...], history: tuple[tuple[str, ...], ...]) -> Profile | None:
    if not features and not history:
        return None
    return Profile(features=assigned(features), history=joined(history))
