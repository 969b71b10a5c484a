"""The commands `shortlist data ...`: look at a log, invent one, fetch one."""

import sys
from pathlib import Path

import click

SETTINGS = ("ratings", "catalogue", "goals", "shop")
MOVIELENS_SIZES = ("100k", "1m", "10m", "20m", "25m", "32m", "latest-small")
DATA_SETS = ("complete-journey", *(f"movielens-{size}" for size in MOVIELENS_SIZES))
# Written out so that `--help` need not load what makes and fetches them; a test compares.

_path = click.Path(path_type=Path)


@click.group()
def data() -> None:
    """Look at a log, invent one, fetch one."""


@data.command()
@click.option(
    "--data", "named", multiple=True, metavar="DIR",
    help="Folder with interactions and, if there, customers and items; log+DIR is what a server recorded, alone or "
    "over a folder.",
)  # fmt: skip
@click.option("--interactions", type=_path, help="Instead of --data: a file, or a folder of parts.")
@click.option("--customers", type=_path, help="With --interactions.")
@click.option("--items", type=_path, help="With --interactions.")
@click.option("--config", type=_path, help="TOML file; by default the folder's shortlist.toml, if there is one.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(
    named: tuple[str, ...],
    interactions: Path | None,
    customers: Path | None,
    items: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Say what a log holds and how it is understood."""
    from shortlist_training.commands.sources import source_of
    from shortlist_training.log import LogPaths, read_data_config, read_log

    if bool(named) == (interactions is not None):
        raise click.UsageError("Give either --data or --interactions.")
    if named and (customers or items):
        raise click.UsageError("--customers and --items go with --interactions.")
    paths = LogPaths(interactions=interactions, customers=customers, items=items) if interactions else None
    found = read_log(paths or source_of(named)[0], read_data_config(config) if config else None).report
    if as_json:
        click.echo(found.to_json())
        return
    from rich.console import Console

    from shortlist_training.log.rendering import render

    # A pipe has no width of its own: 80 columns would cut what a script's log should hold.
    Console(width=None if sys.stdout.isatty() else 160).print(render(found))


@data.command()
@click.argument("setting", type=click.Choice(SETTINGS))
@click.option("--ratings", type=click.Choice(["noise", "planted"]), default="noise", show_default=True)
@click.option("--out", type=_path, required=True, help="Folder to make.")
@click.option("--seed", type=click.IntRange(min=0), default=42, show_default=True)
def synth(setting: str, ratings: str, out: Path, seed: int) -> None:
    """Invent a small log: ratings of pure chance, or planted ones, where a right answer exists."""
    from shortlist_training.synth import RatingsKind, write_setting

    write_setting(setting, out, kind=RatingsKind(ratings), seed=seed)
    click.echo(f"{setting} ({ratings}, seed {seed}) written to {out}", err=True)


@data.command()
@click.argument("name", type=click.Choice(DATA_SETS))
@click.option("--out", type=_path, required=True, help="Folder to make.")
@click.option("--from", "archive", type=_path, help="An archive that is already downloaded.")
def fetch(name: str, out: Path, archive: Path | None) -> None:
    """Fetch a public data set; its licence is printed first."""
    from shortlist_training.fetch import DATA_SETS as KNOWN
    from shortlist_training.fetch import fetch as fetch_set
    from shortlist_training.progress import progress_for

    click.echo(KNOWN[name].notice, err=True)
    fetch_set(KNOWN[name], out, archive=archive, progress=progress_for())
    click.echo(f"{name} written to {out}", err=True)
