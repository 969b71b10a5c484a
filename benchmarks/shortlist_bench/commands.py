"""The commands of `shortlist bench` that measure the whole: light to import, as the program looks here for its help."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from shortlist_bench.showing import as_json_option, say, show

if TYPE_CHECKING:
    from shortlist_bench.serving import Plan

_Command = TypeVar("_Command", bound=Callable[..., None])
_MOST_WORKERS = 64


def counts_of(_context: click.Context | None, _option: click.Parameter | None, text: str) -> tuple[int, ...]:
    """Return numbers of workers that stand with commas between; small ones, each once.

    Raises:
        BadParameter: They are anything else.
    """
    try:
        counts = tuple(int(part) for part in text.split(","))
    except ValueError:
        counts = ()
    if not counts or not all(1 <= count <= _MOST_WORKERS for count in counts) or len(set(counts)) < len(counts):
        raise click.BadParameter(f"{text!r} is not a number from 1 to {_MOST_WORKERS}, nor several with commas between")
    return counts


_bundles = click.option("--bundles", type=click.Path(path_type=Path, exists=True, file_okay=False),
                        help="Folder of bundles; without it a bundle is drawn.")  # fmt: skip
_items = click.option("--items", type=click.IntRange(10, 20_000_000), default=100_000, show_default=True,
                      help="Items of the drawn bundle.")  # fmt: skip
_repetitions = click.option("--repetitions", type=click.IntRange(1, 50), default=3, show_default=True,
                            help="Of everything; medians are shown.")  # fmt: skip


def _asked(command: _Command) -> _Command:
    """Add the options that say what is asked, and of how many workers."""
    for option in (
        click.option(
            "--seconds", type=click.FloatRange(0.2, 600), default=4.0, show_default=True, help="Of each load."
        ),
        click.option(
            "--workers",
            callback=counts_of,
            default="1",
            show_default=True,
            help="Server processes; several numbers, such as 1,2, are measured side by side.",
        ),
        click.option("--callers", type=click.IntRange(1, 256), default=8, show_default=True, help="At the same time."),
        click.option("-k", "length", type=click.IntRange(1, 1_000), default=50, show_default=True, help="Of a list."),
        click.option("--unknown", is_flag=True, help="Ask for strangers with features and no history."),
        click.option("--source", default="", help="The only source that proposes.  [default: all of the bundle's]"),
    ):
        command = option(command)
    return command


@click.command()
@_bundles
@_items
@_asked
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice(["mosec"]),
    help="Another server that does the same work; left out where it is not installed.",
)
@_repetitions
@as_json_option
def serving(
    bundles: Path | None, items: int, peers: tuple[str, ...], repetitions: int, as_json: bool, **asked: Any
) -> None:
    """Measure what a served answer costs, in processor time, against engine and transport alone.

    The floor is the engine in a process of its own plus the cheapest server that parses the same requests and builds
    the same replies; both are measured in the same run.
    """
    from dataclasses import replace

    from shortlist_bench.serving import measure

    with _bundle(bundles, items) as (folder, built):
        plan = replace(_plan(folder, **asked), peers=peers)
        show({**built, **measure(plan, repetitions, say)}, as_json, repetitions)


@click.command()
@_bundles
@_items
@_asked
@_repetitions
@as_json_option
def load(bundles: Path | None, items: int, repetitions: int, as_json: bool, **asked: Any) -> None:
    """Find a server's capacity, and what callers wait at 0.5 and 0.8 of it.

    Requests arrive at random and do not wait for each other. Latency counts from the moment a request was due.
    """
    from shortlist_bench.loading import SHARES, measure_load

    with _bundle(bundles, items) as (folder, built):
        show({**built, **measure_load(_plan(folder, **asked), SHARES, repetitions, say)}, as_json, repetitions)


@click.command()
@_bundles
@_items
@_asked
@click.option("--batch", type=click.IntRange(1, 1_000), default=500, show_default=True, help="Events of one call.")
@_repetitions
@as_json_option
def feedback(bundles: Path | None, items: int, repetitions: int, batch: int, as_json: bool, **asked: Any) -> None:
    """Measure how many events a second are recorded, and what keeping a share of the lists costs an answer.

    The events that were acknowledged are counted again in the log.
    """
    from shortlist_bench.feedback import measure_feedback

    if len(asked["workers"]) > 1:
        raise click.BadParameter("events are measured for one number of workers at a time", param_hint="--workers")
    with _bundle(bundles, items) as (folder, built):
        figures = measure_feedback(_plan(folder, **asked), repetitions, batch, say)
        show({**built, **figures}, as_json, repetitions)


def _plan(
    bundles: Path,
    *,
    source: str,
    unknown: bool,
    length: int,
    callers: int,
    workers: tuple[int, ...],
    seconds: float,
) -> "Plan":
    """Return what the options of `_asked` ask for."""
    from shortlist_bench.questions import Question
    from shortlist_bench.serving import Plan

    question = Question(k=length, source=source, known=not unknown)
    return Plan(bundles=bundles, question=question, callers=callers, seconds=seconds, workers=workers)


@click.command()
@_bundles
@_items
@click.option("--depth", type=click.IntRange(1, 2_000), default=200, show_default=True, help="Neighbours wanted.")
@click.option("--dearest", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True,
              help="Leave out what is reckoned to cost more than so many times exact search.")  # fmt: skip
@as_json_option
def index(bundles: Path | None, items: int, depth: int, dearest: float, as_json: bool) -> None:
    """Build every index worth trying over the two-tower's items, and measure what it finds and what a search takes.

    The queries are the bundle's customers. Training takes the first in this table that leaves its lists as they are.
    """
    from shortlist_bench.indexes import index_table, measure_indexes
    from shortlist_bench.questions import read_model
    from shortlist_bench.synthetic import Size, space_of, synthetic_model

    model = read_model(bundles) if bundles else synthetic_model(Size(items=items), indexed=False)[0]
    if model.engine is None:
        raise click.UsageError("the bundle predicts ratings and has no vectors to search")
    vectors, queries = space_of(model.engine, model.snapshot)
    rows = measure_indexes(vectors, queries, depth=depth, dearest=dearest, say=say)
    if as_json:
        show({"items": len(vectors) - 1, "width": vectors.shape[1], "indexes": rows}, as_json, 1)
    else:
        click.echo(index_table(rows))


@contextmanager
def _bundle(given: Path | None, items: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the folder of bundles, or one with a drawn bundle and what that came to."""
    import tempfile
    import time

    from shortlist_bench.synthetic import Size, write_synthetic

    if given is not None:
        yield given, {}
        return
    with tempfile.TemporaryDirectory() as room:
        began = time.perf_counter()
        say(f"drawing a bundle of {items:,} items")
        chosen = write_synthetic(Path(room), Size(items=items))[1]
        chosen.pop("tried", None)
        yield Path(room), {"items": items, "build_seconds": time.perf_counter() - began, "index": chosen}
