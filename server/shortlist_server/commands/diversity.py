"""How diversity is written on the command line: `--diversity mmr:0.3 --cap kind=2 --quota brand=Private:1`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from shortlist_server.pipeline.request import DiversityRequest

_Command = TypeVar("_Command", bound=Callable[..., None])


def diversity_options(command: _Command) -> _Command:
    """Add the options to a command, which gets them as `varied`, `caps`, `quotas` and `serendipity`."""
    for option in (
        click.option("--serendipity", type=click.FloatRange(0, 1), help="How much being unlike their past counts."),
        click.option("--quota", "quotas", multiple=True, metavar="NAME=VALUE:NUMBER",
                     help="At least so many items with this value of an attribute; without a number, one."),
        click.option("--cap", "caps", multiple=True, metavar="NAME=NUMBER",
                     help="At most so many items with the same value of an attribute."),
        click.option("--diversity", "varied", metavar="METHOD:STRENGTH",
                     help="mmr, dpp, max_sum, calibration or none, and from the best items (0) to variety alone (1)."),
    ):  # fmt: skip
        command = option(command)
    return command


def read_options(options: Mapping[str, Any], k: int) -> "DiversityRequest":
    """Return the options as a request says them, held to what the server holds requests to.

    Raises:
        click.UsageError: An option that cannot be meant.
        InvalidRequest: A number beyond the limits.
    """
    from shortlist.v1 import policy_pb2
    from shortlist_server.wire.diversity import read_diversity
    from shortlist_server.wire.inspection import Inspection

    method, _, strength = (options["varied"] or "").partition(":")
    try:
        message = policy_pb2.Diversity(
            method=policy_pb2.DiversityMethod.Value(f"DIVERSITY_METHOD_{method.upper() or 'UNSPECIFIED'}"),
            strength=float(strength) if strength else None,
            caps={name: int(most) for name, most in map(_cap, options["caps"])},
            quotas=[_quota(text) for text in options["quotas"]],
            serendipity=options["serendipity"],
        )
    except ValueError as error:
        raise click.UsageError(f"the diversity of the lists cannot be read: {error}") from None
    inspection = Inspection()
    found = read_diversity(inspection, message, k)
    inspection.finish()
    return found


def _cap(text: str) -> tuple[str, str]:
    name, equals, most = text.rpartition("=")
    if not equals:
        raise click.UsageError(f"--cap {text!r} is not NAME=NUMBER")
    return name, most


def _quota(text: str) -> Any:
    from shortlist.v1 import policy_pb2

    name, equals, wanted = text.partition("=")
    if not equals:
        raise click.UsageError(f"--quota {text!r} is not NAME=VALUE or NAME=VALUE:NUMBER")
    value, _, number = wanted.rpartition(":")
    if not value or not number.isdecimal():
        value, number = wanted, "1"
    return policy_pb2.Quota(attribute=name, value=value, at_least=int(number))
