"""How every measurement is shown: a table, or JSON, with the machine; and what goes on meanwhile."""

import json
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")


def show(figures: dict[str, Any], as_json: bool, repetitions: int) -> None:
    """Print figures, each the median of so many repetitions."""
    from shortlist_bench.table import shown
    from shortlist_training.benchmark.machine import describe_machine

    machine = describe_machine()
    document = {"figures": figures, "machine": machine, "repetitions": repetitions}
    click.echo(json.dumps(document) if as_json else shown(figures, machine))


def say(line: str) -> None:
    """Print what goes on, beside the figures."""
    click.echo(line, err=True)
