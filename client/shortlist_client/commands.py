"""The commands that ask a server: `shortlist recommend`, `similar` and `score`."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from shortlist_client import Client, Diversity, Profile, Seen, SimilarCustomers
from shortlist_client.arguments import assigned, assignment, cap, diversity, ids, joined, moment, quota
from shortlist_client.conditions import condition, joined_conditions
from shortlist_client.display import print_json, show_recommendations, show_scores, show_similar, show_similar_customers
from shortlist_client.filters import Filter
from shortlist_client.needs import Wish
from shortlist_client.needs_arguments import must, needs, source, wish
from shortlist_client.recommendations import Recommendations

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
            type=condition,
            multiple=True,
            metavar="CONDITION",
            help="Only items that meet it: brand=Private, kind=milk|nuts, kind!=milk, price<=20, since>=2017-06-01.",
        ),
        click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="Length of the list."),
    ):
        command = option(command)
    return command


def _diversity_options(command: _Command) -> _Command:
    for option in (
        click.option("--serendipity", type=click.FloatRange(0, 1), help="How much being unlike their past counts."),
        click.option(
            "--quota", "quotas", type=quota, multiple=True, metavar="NAME=VALUE:NUMBER",
            help="At least so many items with this value of an attribute; without a number, one.",
        ),
        click.option(
            "--cap", "caps", type=cap, multiple=True, metavar="NAME=NUMBER",
            help="At most so many items with the same value of an attribute.",
        ),
        click.option(
            "--diversity", "varied", type=diversity, metavar="METHOD:STRENGTH",
            help="mmr, dpp, calibration or none, and from the best items (0) to variety alone (1).",
        ),
    ):  # fmt: skip
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
@_diversity_options
@_customer_options
@_needs_options
@click.option(
    "--seen",
    type=click.Choice([seen.value for seen in Seen]),
    default=Seen.POLICY.value,
    show_default=True,
    help="Whether items that the customer has already taken may be in the list.",
)
@click.option("--explain", is_flag=True, help="Say why each item is there, and which wishes it meets.")
@click.option(
    "--session",
    "in_session",
    is_flag=True,
    help="Read items from standard input, one a line, as the customer takes them; show a fresh list after each.",
)
@_server_options
def recommend(
    customer: str | None,
    k: int,
    filter: tuple[Filter, ...],
    exclude: tuple[tuple[str, ...], ...],
    varied: tuple[str, float | None] | None,
    caps: tuple[tuple[str, int], ...],
    quotas: tuple[tuple[str, str, int], ...],
    serendipity: float | None,
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
    in_session: bool,
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

    Every --filter must hold. NAME=VALUE needs the value, or one of several with | between them; NAME!=VALUE needs it to
    be another or none; NAME<=LIMIT, NAME<LIMIT, NAME>=LIMIT and NAME>LIMIT compare numbers and times. Of several
    NAME=VALUE for one attribute, either value will do.
    """
    asked: dict[str, Any] = {
        "profile": _profile(features, history),
        "k": k,
        "as_of": as_of,
        "context": assigned(context),
        "filter": joined_conditions(filter),
        "needs": needs(must, wish, wish_weight, relax),
        "exclude_items": joined(exclude),
        "seen": Seen(seen),
        "sources": dict(source),
        "diversity": _diversity(varied, caps, quotas, serendipity),
        "explain": explain,
    }
    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        lists = _session(shortlist, customer, asked) if in_session else [shortlist.recommend(customer, **asked)]
        for found in lists:
            if as_json:
                print_json(found, one_line=in_session)
            else:
                show_recommendations(found, explain=explain)


def _session(shortlist: Client, customer: str | None, asked: dict[str, Any]) -> Iterator[Recommendations]:
    """Yield a list now, and one after each item that standard input brings."""
    with shortlist.session(customer, **asked) as session:
        yield session.recommend()
        for line in sys.stdin:
            if item := line.strip():
                yield session.event(item)


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


def _diversity(
    varied: tuple[str, float | None] | None,
    caps: tuple[tuple[str, int], ...],
    quotas: tuple[tuple[str, str, int], ...],
    serendipity: float | None,
) -> Diversity | None:
    if not (varied or caps or quotas) and serendipity is None:
        return None
    by_attribute: dict[str, dict[str, int]] = {}
    for name, value, least in quotas:
        by_attribute.setdefault(name, {})[value] = least
    method, strength = varied or ("policy", None)
    return Diversity(method=method, strength=strength, caps=dict(caps), quotas=by_attribute, serendipity=serendipity)


def _profile(features: tuple[tuple[str, object], ...], history: tuple[tuple[str, ...], ...]) -> Profile | None:
    if not features and not history:
        return None
    return Profile(features=assigned(features), history=joined(history))
