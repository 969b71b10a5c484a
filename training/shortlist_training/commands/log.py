"""The commands `shortlist log ...`: look at a server's log of changes, and turn it into training data."""

import json
from pathlib import Path

import click

_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def log() -> None:
    """Look at a server's log of changes, and turn it into training data."""


@log.command()
@click.option("--log", "folder", type=_folder, required=True, help="Folder that `shortlist serve --log` writes to.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to.")
def compact(folder: Path, out: Path) -> None:
    """Write the log as Parquet tables that `shortlist train --data` reads.

    Every event once; without customers who asked to be forgotten. The log itself stays as it is.
    """
    from shortlist_training.log.compacting import write_compacted
    from shortlist_training.log.recorded import read_recorded

    recorded = read_recorded(folder)
    for part in recorded.damaged:
        click.echo(f"damaged, and read without it: {part}", err=True)
    rows = write_compacted(recorded, out)
    told = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    click.echo(f"{told} up to position {recorded.position} written to {out}")


@log.command()
@click.option("--log", "folder", type=_folder, required=True, help="Folder that `shortlist serve --log` writes to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(folder: Path, as_json: bool) -> None:
    """Read the whole log and say what it holds; exit code 1 where it is damaged."""
    from shortlist_training.log.recorded import read_recorded

    recorded = read_recorded(folder)
    facts = {
        "position": recorded.position,
        "events": len(recorded.events),
        "items": len(recorded.items),
        "customers": len(recorded.customers),
        "forgotten": len(recorded.forgotten),
        "damaged": list(recorded.damaged),
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        for name, value in facts.items():
            click.echo(f"{name}: {'; '.join(value) or 'nothing' if isinstance(value, list) else value}")
    if recorded.damaged:
        raise click.exceptions.Exit(1)
