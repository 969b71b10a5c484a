"""`shortlist bench ...`: what methods are worth, measured."""

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., None])

_path = click.Path(path_type=Path)
_folder = click.Path(path_type=Path, exists=True, file_okay=False)


class _Bench(click.Group):
    """Commands of this module, and those that other packages add under `shortlist.bench`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all, in order."""
        return sorted({*super().list_commands(ctx), *_added()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name; one of another package is imported when it is asked for."""
        added = _added().get(cmd_name)
        command: click.Command | None = added.load() if added else super().get_command(ctx, cmd_name)
        return command


def _added() -> dict[str, EntryPoint]:
    return {command.name: command for command in entry_points(group="shortlist.bench")}


@click.group(cls=_Bench)
def bench() -> None:
    """Measure quality on tasks with targets, and what a served answer costs."""


@bench.command()
@click.argument("folders", nargs=-1, required=True, type=_folder, metavar="TASK_FOLDER...")
@click.option("--methods", default="", metavar="A,B,...",
              help="shortlist, shortlist:SOURCE, and peers by name.  [default: shortlist and all peers]")  # fmt: skip
@click.option("--seeds", default="0", show_default=True, metavar="N,N,...", help="One run of each method with each.")
@click.option("--budget", "budgets", type=click.FloatRange(min=0, min_open=True), multiple=True, metavar="MINUTES",
              help="Also shortlist@MINUTES, trained within a time; may be given more than once.")  # fmt: skip
@click.option("--out", type=_path, default="bench-quality", show_default=True,
              help="Folder of results; what is there is not run again.")  # fmt: skip
@click.option("--again", is_flag=True, help="Run also what is there.")
@click.option("--limit", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
              help="End a run that takes longer, and go on with the next.")  # fmt: skip
@click.option("--peer-python", type=click.Path(exists=True), help="Interpreter of the environment that has the peers' "
              "libraries; this one by default.")  # fmt: skip
@click.option("--judged", type=_path, help="CSV file to which runs of judged tasks are appended; docs/judged.csv of "
              "the checkout by default.")  # fmt: skip
@click.option("--markdown", "page", type=_path, help="Write the report as a page, its plots in the folder beside it.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def quality(
    folders: tuple[Path, ...], methods: str, seeds: str, budgets: tuple[float, ...], out: Path, again: bool,
    limit: float | None, peer_python: str | None, judged: Path | None, page: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare recommendation quality, each method in a process of its own.

    A TASK_FOLDER has the log in data/, what happened afterwards in targets-PART.parquet, and task.json. Methods see the
    log only.
    """
    import json

    from shortlist_training.benchmark.course import Course
    from shortlist_training.benchmark.ledger import Ledger, commit_of
    from shortlist_training.benchmark.methods import parse_methods
    from shortlist_training.benchmark.ours import Ours
    from shortlist_training.benchmark.peers import CHECKOUT, Peers
    from shortlist_training.benchmark.report.document import report_document, shown_command
    from shortlist_training.benchmark.report.page import write_page
    from shortlist_training.benchmark.results import Results
    from shortlist_training.benchmark.task import read_benchmark_task
    from shortlist_training.progress import progress_for

    numbers = _numbers(seeds)
    tasks = [read_benchmark_task(folder) for folder in folders]
    peers = Peers.find(out, python=peer_python, minutes=limit)
    chosen = parse_methods([name for name in methods.split(",") if name], budgets, peers.known)
    kept = CHECKOUT / "docs" / "judged.csv"
    results, ours = Results(out), Ours(out=out, minutes=limit)
    Course(
        results=results,
        ours=ours,
        peers=peers,
        ledger=Ledger(judged or (kept if kept.exists() else None)),
        commit=commit_of(CHECKOUT),
        progress=progress_for(),
        again=again,
    ).run(tasks, chosen, numbers)
    document = report_document(results, ours, tasks, chosen, numbers, shown_command(sys.argv[1:], folders))
    text = write_page(document, page, plots=(page.parent if page else out) / "plots")
    click.echo(json.dumps(document) if as_json else text)


def _seeded_options(command: _Command) -> _Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        click.option(
            "--markdown", "page", type=_path, help="Write the report as a page, its plots in the folder beside it."
        ),
        click.option("--limit", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
                     help="End a task and seed that take longer; the same command again goes on with them."),
        click.option("--again", is_flag=True, help="Run also what is there."),
        click.option("--out", type=_path, default="bench-quality", show_default=True,
                     help="Folder of results; what is there is not run again."),
        click.option("--seeds", default="0", show_default=True, metavar="N,N,...",
                     help="Everything is done anew with each."),
        click.argument("folders", nargs=-1, required=True, type=_folder, metavar="TASK_FOLDER..."),
    ):  # fmt: skip
        command = option(command)
    return command


@bench.command()
@_seeded_options
def ablations(**asked: Any) -> None:
    """Take the scorer apart: what each family of features, each source and each term of the loss is worth.

    A TASK_FOLDER is that of `bench quality`. Only the log in data/ is looked at: lists are judged on its newest window.
    """
    from shortlist_training.benchmark.ablations.files import KIND
    from shortlist_training.benchmark.ablations.summary import ablation_document
    from shortlist_training.benchmark.report.page import write_ablation_page

    _measured(KIND, "shortlist_training.benchmark.ablations", ablation_document, write_ablation_page, **asked)


@bench.command("cold-start")
@_seeded_options
def cold_start(**asked: Any) -> None:
    """Measure what strangers get: customers, then items, held out of training, and asked about afterwards.

    A TASK_FOLDER is that of `bench quality`. Only the log in data/ is looked at: lists are judged on its newest window.
    """
    from shortlist_training.benchmark.cold_start.measuring import KIND
    from shortlist_training.benchmark.cold_start.summary import cold_start_document
    from shortlist_training.benchmark.report.page import write_cold_start_page

    _measured(KIND, "shortlist_training.benchmark.cold_start", cold_start_document, write_cold_start_page, **asked)


def _measured(
    kind: str, module: str, documented: Callable[..., Any], write: Callable[..., str], *, folders: tuple[Path, ...],
    seeds: str, out: Path, again: bool, limit: float | None, page: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run a module for each task and seed, and report what they have measured."""
    import json

    from shortlist_training.benchmark.ledger import commit_of
    from shortlist_training.benchmark.peers import CHECKOUT
    from shortlist_training.benchmark.report.document import shown_command
    from shortlist_training.benchmark.seeds.course import SeedCourse
    from shortlist_training.benchmark.task import read_benchmark_task
    from shortlist_training.progress import progress_for

    numbers = _numbers(seeds)
    tasks = [read_benchmark_task(folder) for folder in folders]
    SeedCourse(
        out=out, commit=commit_of(CHECKOUT), progress=progress_for(), kind=kind, module=module, minutes=limit,
        again=again,
    ).run(tasks, numbers)  # fmt: skip
    document = documented(out, tasks, numbers, shown_command(sys.argv[1:], folders))
    text = write(document, page, plots=(page.parent if page else out) / "plots")
    click.echo(json.dumps(document) if as_json else text)


@bench.command()
@click.argument("folders", nargs=-1, required=True, type=_folder, metavar="TASK_FOLDER...")
@click.option("--bundles", type=_folder, help="Folder of bundles with a model of each task's name; without it, they "
              "are trained, or taken where `bench quality` has them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the training.")
@click.option("--out", type=_path, default="bench-quality", show_default=True,
              help="Folder of results; what is there is not trained again.")  # fmt: skip
@click.option("--again", is_flag=True, help="Train also what is there.")
@click.option("--limit", type=click.FloatRange(min=0, min_open=True), metavar="MINUTES",
              help="End a training that takes longer, and go on with the next.")  # fmt: skip
@click.option("--markdown", "page", type=_path, help="Write the report as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def families(
    folders: tuple[Path, ...], bundles: Path | None, seed: int, out: Path, again: bool, limit: float | None,
    page: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Put every source alone beside the whole list, on the newest window of each task's own log."""
    import json

    from shortlist_training.benchmark.families import Bundles, families_document
    from shortlist_training.benchmark.ours import Ours
    from shortlist_training.benchmark.report.document import shown_command
    from shortlist_training.benchmark.report.page import write_families_page
    from shortlist_training.benchmark.task import read_benchmark_task
    from shortlist_training.progress import progress_for

    tasks = [read_benchmark_task(folder) for folder in folders]
    found = Bundles(ours=Ours(out=out, minutes=limit), folder=bundles, seed=seed, progress=progress_for(), again=again)
    document = families_document(found, tasks, shown_command(sys.argv[1:], folders))
    text = write_families_page(document, page)
    click.echo(json.dumps(document) if as_json else text)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(dict.fromkeys(int(one) for one in text.split(",") if one.strip()))
    except ValueError:
        raise click.BadParameter(f"{text!r} are no whole numbers with commas between.", param_hint="--seeds") from None
    if not numbers or min(numbers) < 0:
        raise click.BadParameter(f"{text!r} has no seed of 0 or more.", param_hint="--seeds")
    return numbers
