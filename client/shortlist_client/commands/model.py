"""`shortlist model`: what a running server holds, and which bundle serves, over its administrators' address."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., None])


def _options(command: _Command) -> _Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--timeout", type=float, default=300.0, show_default=True, help="Seconds to wait for the answer."),
        click.option("--model", default="", help="Name of the model."),
        click.option(
            "--server", default="127.0.0.1:50052", show_default=True, envvar="SHORTLIST_ADMIN", show_envvar=True,
            metavar="HOST:PORT", help="The server's administrators' address (`shortlist serve --admin`).",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


_ALIAS = click.option("--alias", default="stable", show_default=True, help="The alias to move.")
_EXPECTED = click.option(
    "--expected-current", default="", help="Refuse if the alias is no longer at this version; empty for any."
)


@click.group()
def model() -> None:
    """Load, promote and roll back bundles of a running server."""


@model.command("list")
@_options
def list_command(server: str, model: str, timeout: float, as_json: bool) -> None:
    """List the models of the server's folder, their versions, aliases, and what is loaded."""
    from shortlist_client.admin import Admin

    with Admin(server, model=model, timeout=timeout) as admin:
        found = admin.list()
    if as_json:
        _print_json([asdict(one) for one in found])
        return
    for one in found:
        for version in one.versions:
            names = [alias for alias, target in one.aliases.items() if target == version]
            loaded = "  loaded" if version in one.loaded_versions else ""
            click.echo(f"{one.model}/{version}{loaded}{'  <- ' + ', '.join(sorted(names)) if names else ''}")


@model.command("load")
@click.argument("version")
@_options
def load_command(version: str, server: str, model: str, timeout: float, as_json: bool) -> None:
    """Check and load VERSION beside the one that serves, so that promoting it is a swap."""
    from shortlist_client.admin import Admin

    with Admin(server, model=model, timeout=timeout) as admin:
        bundle = admin.load(version)
    if as_json:
        _print_json(asdict(bundle))
    else:
        click.echo(f"{bundle.model}/{bundle.version} is loaded, bundle {bundle.id}")


@model.command("promote")
@click.argument("version")
@_ALIAS
@_EXPECTED
@click.option("--force", is_flag=True, help="Ask no gates; the audit log says so.")
@_options
def promote_command(version: str, alias: str, expected_current: str, force: bool, as_json: bool, **where: Any) -> None:
    """Let an alias point to VERSION and serve it, if it passes the gates.

    They are those of `shortlist bundle promote` without --data.
    """

    def verb(admin: Any) -> Any:
        return admin.promote(version, alias=alias, expected_current=expected_current, force=force)

    _move(verb, alias, as_json, **where)


@model.command("describe")
@click.argument("version", default="")
@_options
def describe_command(version: str, server: str, model: str, timeout: float, as_json: bool) -> None:
    """Describe what serves, and what its sentinels say."""
    from shortlist_client.admin import Admin
    from shortlist_client.commands.sentinels import lines_of

    with Admin(server, model=model, timeout=timeout) as admin:
        found = admin.describe(version)
    if as_json:
        _print_json(asdict(found))
        return
    names = f"  <- {', '.join(found.aliases)}" if found.aliases else ""
    click.echo(f"{found.bundle.model}/{found.bundle.version}, bundle {found.bundle.id}{names}")
    click.echo(f"{found.items:,} items, {found.customers:,} customers, {found.interactions:,} interactions")
    click.echo(f"index {found.index or 'none'}, recall when trained {found.index_recall:.3f}")
    for line in lines_of(found.sentinels):
        click.echo(line)


@model.command("rollback")
@_ALIAS
@_EXPECTED
@_options
def rollback_command(alias: str, expected_current: str, as_json: bool, **where: Any) -> None:
    """Let an alias point to where it stood before, and serve that."""
    _move(lambda admin: admin.rollback(alias, expected_current=expected_current), alias, as_json, **where)


def _move(verb: Callable[[Any], Any], alias: str, as_json: bool, *, server: str, model: str, timeout: float) -> None:
    from shortlist_client.admin import Admin

    with Admin(server, model=model, timeout=timeout) as admin:
        moved = verb(admin)
    if as_json:
        _print_json({"alias": alias, **asdict(moved)})
    else:
        before = moved.previous_version or "nothing"
        for gate in moved.gates:
            click.echo(f"pass  {gate.name}", err=True)
        click.echo(f"{moved.bundle.model}/{alias}: {before} -> {moved.bundle.version}, bundle {moved.bundle.id}")


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))
