"""`shortlist bench training` and `evaluation`: light to import, for the program looks into it for its help."""

from pathlib import Path
from typing import Any

import click

from shortlist_bench.showing import as_json_option, say, show

LARGEST = 20_000_000


class Sizes(click.ParamType[list[int]]):
    """Numbers of items with commas between them."""

    name = "ITEMS,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Return the numbers, each at least 100."""
        try:
            sizes = [int(one) for one in str(value).split(",")]
        except ValueError:
            self.fail(f"{value!r} is not a list of whole numbers", param, ctx)
        if not all(100 <= size <= LARGEST for size in sizes):
            self.fail(f"every number must lie between 100 and {LARGEST:,}", param, ctx)
        return sizes


_repetitions = click.option("--repetitions", type=click.IntRange(1, 50), default=1, show_default=True,
                            help="Of everything; medians are shown.")  # fmt: skip


@click.command()
@click.argument("tasks", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--vocabulary", type=Sizes(), help="Instead: milliseconds of a step with so many items each.")
@click.option("--prepare", type=click.IntRange(1_000, 1_000_000_000), metavar="EVENTS",
              help="Instead: draw so many interactions, and measure how they become a dataset.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 1_000), help="At most so many.  [default: as training does]")
@_repetitions
@as_json_option
def training(
    tasks: tuple[Path, ...], vocabulary: list[int] | None, prepare: int | None, rounds: int | None, repetitions: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Measure training: examples a second, memory, and how soon it is as good as EASE.

    TASKS are folders of the data contract, or benchmark tasks, which hold one as `data`.
    """
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from shortlist_bench.medians import medians

    if prepare is not None:
        from shortlist_bench.preparing import measure_preparation

        show(medians([measure_preparation(prepare, say) for _ in range(repetitions)]), as_json, repetitions)
    elif vocabulary is not None:
        from shortlist_bench.vocabularies import measure_vocabularies

        show(medians([measure_vocabularies(vocabulary, say) for _ in range(repetitions)]), as_json, repetitions)
    elif not tasks:
        raise click.UsageError("name a folder, or ask for --vocabulary or --prepare")
    else:
        from shortlist_bench.training import measure_training

        found = {
            task.name: medians([measure_training(task, rounds, say) for _ in range(repetitions)]) for task in tasks
        }
        show(found, as_json, repetitions)


@click.command()
@click.option("--customers", type=click.IntRange(10, 10_000_000), default=100_000, show_default=True)
@click.option("--items", type=click.IntRange(100, LARGEST), default=100_000, show_default=True)
@click.option("--width", type=click.IntRange(1, 1_024), default=64, show_default=True, help="Of the vectors.")
@click.option("--depth", type=click.IntRange(1, 1_000), default=20, show_default=True, help="Of the lists.")
@_repetitions
@as_json_option
def evaluation(customers: int, items: int, width: int, depth: int, repetitions: int, as_json: bool) -> None:
    """Judge drawn customers by a full ranking of a drawn catalogue, as training judges its embedding spaces.

    Every item is scored for every customer, what they have had is left out, and the metrics are worked out.
    """
    from shortlist_bench.evaluation import measure_evaluation
    from shortlist_bench.medians import medians

    measure_evaluation(100, 1_000, width=width, depth=depth, say=lambda line: None)  # compiles the loops
    runs = [measure_evaluation(customers, items, width=width, depth=depth, say=say) for _ in range(repetitions)]
    show(medians(runs), as_json, repetitions)
