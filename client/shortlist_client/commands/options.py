"""The options that several commands share."""

from collections.abc import Callable
from typing import TypeVar

import click

from shortlist_client.commands.arguments import assignment, cap, diversity, ids, moment, quota
from shortlist_client.commands.conditions import condition
from shortlist_client.commands.needs import source, wish

_Command = TypeVar("_Command", bound=Callable[..., None])


def server_options(command: _Command) -> _Command:
    """Add the options that say where the server is, who answers, and how the answer is printed."""
    return address_options(
        click.option("--placement", default="", help="Name of the placement whose policy applies.")(command)
    )


def address_options(command: _Command) -> _Command:
    """Add the options that say where the server is, and how the answer is printed."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--timeout", type=float, default=5.0, show_default=True, help="Seconds to wait for the answer."),
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


def customer_options(command: _Command) -> _Command:
    """Add the options that say who the customer is."""
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


def list_options(command: _Command) -> _Command:
    """Add the options that say what may be in the list."""
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


def diversity_options(command: _Command) -> _Command:
    """Add the options that say how varied the list is."""
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
            help="mmr, dpp, max_sum, calibration or none, and from the best items (0) to variety alone (1).",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def exploration_options(command: _Command) -> _Command:
    """Add the options that say what the list tries out."""
    for option in (
        click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Makes what is drawn repeatable."),
        click.option(
            "--explore", type=diversity, metavar="POLICY:STRENGTH",
            help="epsilon_greedy, boltzmann, thompson, linucb or none, and the share of its draws, 0 to 1.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def needs_options(command: _Command) -> _Command:
    """Add the options that say what the customer needs, and who may propose."""
    for option in (
        click.option(
            "--source",
            type=source,
            multiple=True,
            metavar="NAME[=WEIGHT][:QUOTA]",
            help="Who may propose; all by default. At least QUOTA items are of this source; with nothing but quotas, "
            "all may propose.",
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
            "--must", type=condition, multiple=True, metavar="CONDITION", help="What every item meets, as for --filter."
        ),
    ):
        command = option(command)
    return command
