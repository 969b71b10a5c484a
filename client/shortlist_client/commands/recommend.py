"""`shortlist recommend`: what a customer should see now."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from shortlist_client.commands.arguments import assigned, joined, profile_of
from shortlist_client.commands.conditions import joined_conditions
from shortlist_client.commands.display import print_json, show_recommendations
from shortlist_client.commands.needs import needs
from shortlist_client.commands.options import (
    customer_options,
    diversity_options,
    exploration_options,
    list_options,
    needs_options,
    server_options,
)
from shortlist_client.filters import Filter
from shortlist_client.needs import Wish
from shortlist_client.policy import Diversity, Exploration, Seen, Source
from shortlist_client.recommendations import Recommendations

if TYPE_CHECKING:
    from shortlist_client.client import Client


@click.command()
@click.argument("customer", required=False)
@list_options
@diversity_options
@exploration_options
@customer_options
@needs_options
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
@server_options
def recommend(
    customer: str | None,
    k: int,
    filter: tuple[Filter, ...],
    exclude: tuple[tuple[str, ...], ...],
    varied: tuple[str, float | None] | None,
    caps: tuple[tuple[str, int], ...],
    quotas: tuple[tuple[str, str, int], ...],
    serendipity: float | None,
    explore: tuple[str, float | None] | None,
    seed: int | None,
    features: tuple[tuple[str, object], ...],
    history: tuple[tuple[str, ...], ...],
    context: tuple[tuple[str, object], ...],
    as_of: float | None,
    must: tuple[Filter, ...],
    wish: tuple[Wish, ...],
    wish_weight: float | None,
    relax: bool,
    source: tuple[tuple[str, Source], ...],
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
        "profile": profile_of(features, history),
        "k": k,
        "as_of": as_of,
        "context": assigned(context),
        "filter": joined_conditions(filter),
        "needs": needs(must, wish, wish_weight, relax),
        "exclude_items": joined(exclude),
        "seen": Seen(seen),
        "sources": dict(source),
        "diversity": _diversity(varied, caps, quotas, serendipity),
        "exploration": _exploration(explore, seed),
        "explain": explain,
    }
    from shortlist_client.client import Client  # imports gRPC, which nobody's help should wait for

    with Client(server, timeout=timeout, model=model, placement=placement) as shortlist:
        lists = _session(shortlist, customer, asked) if in_session else [shortlist.recommend(customer, **asked)]
        for found in lists:
            if as_json:
                print_json(found, one_line=in_session)
            else:
                show_recommendations(found, explain=explain)


def _session(shortlist: "Client", customer: str | None, asked: dict[str, Any]) -> Iterator[Recommendations]:
    """Yield a list now, and one after each item that standard input brings."""
    with shortlist.session(customer, **asked) as session:
        yield session.recommend()
        for line in sys.stdin:
            if item := line.strip():
                yield session.event(item)


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


def _exploration(explore: tuple[str, float | None] | None, seed: int | None) -> Exploration | None:
    if explore is None and seed is None:
        return None
    policy, strength = explore or ("", None)
    return Exploration(policy=policy, strength=strength, seed=seed)
