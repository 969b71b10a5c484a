"""`shortlist impressions`: the lists that were shown, with what the scorer read of each item."""

import json
from pathlib import Path

import click

_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--log", "folder", type=_folder, required=True, help="Folder that `shortlist serve --log` writes to.")
@click.option("--bundles", type=_folder, required=True, help="Folder of bundles that made the lists.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Parquet file to write.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def impressions(folder: Path, bundles: Path, out: Path, as_json: bool) -> None:
    """Write the lists that were shown, with what the scorer read of each item.

    The log keeps from what each list was made. Its numbers are worked out anew from the bundle as it was at that
    moment, so the bundles that made the lists have to be there still.
    """
    from functools import partial

    from shortlist_server.impressions.signals import shown_signals
    from shortlist_server.impressions.table import write_table
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.pipeline.loading import load_pipeline

    load = partial(load_pipeline, bundles, clock=ClockPolicy.LIVE)
    written, left = write_table(shown_signals(folder, load), out)
    if as_json:
        click.echo(json.dumps({"written": written, "left_out": dict(left)}, indent=2))
        return
    click.echo(f"{out}: {written:,} lists")
    for problem, count in sorted(left.items()):
        click.echo(f"left out: {count:,} lists, {problem}")
