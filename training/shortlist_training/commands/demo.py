"""`shortlist demo`: real data to a served recommendation."""

import os
import shutil
import signal
import sys
from pathlib import Path
from shlex import quote

import click

_path = click.Path(path_type=Path)
BUDGET = 6.0
"""Minutes of training on Complete Journey; two quiet cores need less, and nobody should wait longer for a demo."""
_PIPE_WIDTH = 140
"""Characters of a line where no terminal says how many it has; 80 would fold every table."""


@click.command()
@click.option("--out", type=_path, default="demo", show_default=True, help="Folder for the data and the bundle.")
@click.option("--data", "folder", type=_path, help="A log of your own instead of Complete Journey.")
@click.option("--seed", type=click.IntRange(min=0), help="Of every random choice; the configuration's by default.")
@click.option(
    "--budget", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
    help=f"Time for the training: fewer rounds are trained where it is short.  [default: {BUDGET:g} without --data]",
)  # fmt: skip
@click.option("--keep-serving", is_flag=True, help="Leave the server running until Ctrl-C.")
def demo(out: Path, folder: Path | None, seed: int | None, budget: float | None, keep_serving: bool) -> None:
    """Train on real data, serve the result, ask it, and show what it says.

    Takes a few minutes and needs no download: the data comes with the extra `training`.
    """
    # Says nothing that a user could act on; errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from rich.console import Console

    from shortlist_training.commands.configuration import configured
    from shortlist_training.demo.course import Demo, DemoSettings
    from shortlist_training.demo.trouble import named_fixes
    from shortlist_training.progress import progress_for

    if budget is None and folder is None:
        budget = BUDGET
    # Without this, SIGTERM would end the process on the spot and leave the server behind.
    signal.signal(signal.SIGTERM, _stop)
    settings = DemoSettings(
        out=out,
        folder=folder,
        config=configured(folder or out / "data", None, seed=seed, budget=budget),
        keep_serving=keep_serving,
        program=_as_called(),
    )
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    with named_fixes(out):
        Demo(settings, console, progress_for()).run()


def _as_called() -> str:
    """Return how to call this program again: its name alone where a shell finds it by that."""
    name = Path(sys.argv[0]).name
    return name if shutil.which(name) == sys.argv[0] else quote(sys.argv[0])


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)
