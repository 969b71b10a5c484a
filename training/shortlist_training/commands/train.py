"""`shortlist train`: a log becomes a bundle."""

import json
from pathlib import Path

import click

_path = click.Path(path_type=Path)


@click.command()
@click.option(
    "--data", "named", required=True, multiple=True, metavar="DIR",
    help="Folder with interactions, customers and items; log+DIR is what a server recorded, alone or over a folder.",
)  # fmt: skip
@click.option("--bundles", type=_path, required=True, help="Folder of bundles to write to.")
@click.option("--config", type=_path, help="TOML file; by default the data folder's shortlist.toml, if there is one.")
@click.option("--model", default="default", show_default=True, help="Name of the model.")
@click.option("--alias", default="stable", show_default=True, help="Alias to move to the new version.")
@click.option("--seed", type=click.IntRange(min=0), help="Of every random choice; the configuration's by default.")
@click.option(
    "--budget", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
    help="Time to stay within: fewer rounds are trained where it is short, and the report says so.",
)  # fmt: skip
@click.option("--deterministic/--no-deterministic", default=None, help="The same bundle id twice, at some speed.")
@click.option(
    "--warm-start", "origin", metavar="BUNDLE",
    help="Go on from a bundle: a version or alias of the model, or a folder BUNDLES/MODEL/VERSION.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train(
    named: tuple[str, ...], bundles: Path, config: Path | None, model: str, alias: str, seed: int | None,
    budget: float | None, deterministic: bool | None, origin: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Train on a log, judge the result, and write it as a bundle.

    With --warm-start the training goes on from a bundle over a log that has grown: what was chosen is kept, known
    customers and items stay where they stood, and new ones start from what is known of them.
    """
    import os
    import time

    # The budget is the user's time: what imports and reading the log take is part of it.
    start = time.monotonic()
    # Says nothing that a user could act on; errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from shortlist_training.commands.configuration import configured
    from shortlist_training.commands.sources import source_of
    from shortlist_training.log import read_log
    from shortlist_training.origin.opening import open_origin
    from shortlist_training.progress import progress_for
    from shortlist_training.run import train as run

    source, folder = source_of(named)
    settings = configured(folder, config, seed=seed, budget=budget, deterministic=deterministic)
    progress = progress_for()
    # A bundle that cannot be read is told before the log is.
    before = open_origin(origin, bundles, model) if origin else None
    log = read_log(source, settings.data)
    progress.say(f"log: {len(log.interactions):,} events")
    result = run(log, settings, bundles, progress, name=model, alias=alias, start=start, origin=before)
    if as_json:
        bundle = {"model": model, "version": result.bundle.version, "id": result.bundle.bundle_id}
        click.echo(json.dumps({"bundle": bundle, "metrics": result.metrics, "seconds": result.seconds}))
        return
    from shortlist_training.evaluation.rendering import console, render_metrics

    out = console()
    for table in render_metrics(result.metrics):
        out.print(table)
    out.print(
        f"bundle {result.bundle.bundle_id} is {model}/{result.bundle.version} ({alias}), "
        f"made in {sum(result.seconds.values()):.0f} s{f', going on from {before.bundle_id}' if before else ''}",
        highlight=False,
    )
    # Training moves the alias whatever came out: who compares has to be told where that is done.
    out.print(
        f"No gates were asked. To compare with what serves first, train with another --alias, and then "
        f"`shortlist bundle promote --bundles {bundles} --model {model} --version {result.bundle.version}`.",
        highlight=False,
    )
