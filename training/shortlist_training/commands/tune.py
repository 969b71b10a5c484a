"""`shortlist tune`: settings that suit a log better."""

import json
import shlex
from pathlib import Path

import click

_path = click.Path(path_type=Path)


@click.command()
@click.option("--data", "folder", type=_path, required=True, help="Folder with interactions, customers and items.")
@click.option("--config", type=_path, help="TOML file; by default the data folder's shortlist.toml, if there is one.")
@click.option("--out", type=_path, default="tuned.toml", show_default=True, help="TOML file for the best settings.")
@click.option("--study", type=_path, help="File of the trials, to go on with.  [default: beside --out, as .study]")
@click.option(
    "--budget", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES", required=True,
    help="Time to stay within: no trial is begun that is likely to overrun it. The first always runs.",
)  # fmt: skip
@click.option("--trials", type=click.IntRange(min=1), help="At most so many trials now.")
@click.option("--seed", type=click.IntRange(min=0), help="Of every random choice; the configuration's by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def tune(
    folder: Path, config: Path | None, out: Path, study: Path | None, budget: float, trials: int | None,
    seed: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Search settings that suit a log better, and write them as a configuration.

    Starts from the configuration as it is. The window on which `shortlist train` judges is never looked at. Ctrl-C
    ends the search and keeps what was found; the same command again goes on with it.
    """
    import os

    # Says nothing that a user could act on; errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from shortlist_training.commands.configuration import configured
    from shortlist_training.log import find_config, read_log
    from shortlist_training.progress import progress_for
    from shortlist_training.study.files import Files
    from shortlist_training.study.pace import Pace
    from shortlist_training.study.run import run_study

    pace, progress = Pace(budget), progress_for()
    files = Files.of(out, study, base=config or find_config(folder))
    settings = configured(folder, config, seed=seed)
    log = read_log(folder, settings.data)
    progress.say(f"log: {len(log.interactions):,} events")
    found = run_study(log, settings, files, pace, progress, most=trials)
    if as_json:
        click.echo(json.dumps({**found.to_json(), "config": str(files.out), "study": str(files.study)}))
    else:
        from shortlist_training.evaluation.rendering import console
        from shortlist_training.study.rendering import render_found, verdict

        shown = console()
        for table in render_found(found):
            shown.print(table)
        click.echo(verdict(found))
        train = ["shortlist", "train", "--data", str(folder), "--bundles", "bundles", "--config", str(files.out)]
        click.echo(f"written to {files.out}; train with it: {shlex.join(train)}")
    if found.stopped == "interrupted":
        raise click.Abort
