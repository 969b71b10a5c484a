"""How sources are written on the command line: `--source item_cf --source content=0.5:2`, or `--source content:2`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from shortlist.v1 import policy_pb2

_Command = TypeVar("_Command", bound=Callable[..., None])


def source_option(command: _Command) -> _Command:
    """Add the option to a command, which gets the texts as `sources`."""
    option = click.option(
        "--source", "sources", multiple=True, metavar="NAME[=WEIGHT][:QUOTA]",
        help="Who may propose; all by default. At least QUOTA items are of this source; with nothing but quotas, all "
        "may propose.",
    )  # fmt: skip
    return option(command)


def read_source_options(texts: Sequence[str], k: int) -> tuple[dict[str, float], dict[str, int]]:
    """Return weights and quotas of lists of length k, held to what the server holds requests to.

    A name alone has the weight 1; a name with nothing but a quota has none.

    Raises:
        click.UsageError: An option that cannot be meant.
        InvalidRequest: A source named twice, or a number beyond the limits.
    """
    from shortlist_server.wire.inspection import Inspection
    from shortlist_server.wire.sources import read_sources

    inspection = Inspection()
    found = read_sources(inspection, [_source(text) for text in texts], k)
    inspection.finish()
    return found


def _source(text: str) -> "policy_pb2.SourceWeight":
    from shortlist.v1 import policy_pb2

    rest, colon, quota = text.rpartition(":")
    rest, quota = (rest, quota) if colon else (text, "0")
    name, equals, weight = rest.partition("=")
    try:
        return policy_pb2.SourceWeight(
            source=name, weight=float(weight) if equals else float(not colon), quota=int(quota)
        )
    except ValueError:
        raise click.UsageError(f"--source {text!r} is not NAME=WEIGHT:QUOTA") from None
