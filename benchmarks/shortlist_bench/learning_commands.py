"""`shortlist bench learning`: light to import, for the program looks into it for its help."""

from pathlib import Path
from typing import Any

import click

from shortlist_bench.showing import as_json_option, say


class Seeds(click.ParamType[list[int]]):
    """Seeds with commas between them."""

    name = "SEED,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Return the seeds, each once."""
        parts = str(value).split(",")
        if not all(part.isdecimal() for part in parts):
            self.fail(f"{value!r} is not a list of whole numbers", param, ctx)
        return sorted({int(part) for part in parts})


@click.command()
@click.option("--seeds", type=Seeds(), default="0,1,2", show_default=True, help="Worlds to live through.")
@click.option("--days", type=click.IntRange(2, 100), default=8, show_default=True, help="Of each.")
@click.option(
    "--every", type=click.IntRange(1, 100), default=1, show_default=True, help="Nights from training to training."
)
@click.option("--customers", type=click.IntRange(10, 10_000), default=150, show_default=True)
@click.option("--items", type=click.IntRange(50, 10_000), default=400, show_default=True, help="On the first day.")
@click.option("--arms", default="frozen,nightly,explored", show_default=True,
              help="What is compared, with commas between; the others with the first.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Of every training.  [default: one that takes seconds]")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default="learning", show_default=True,
              help="Folder of what comes of it; a run that was broken off goes on from there.")  # fmt: skip
@click.option("--fit", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER",
              help="Instead: print what the simulated shop takes from a log, in Parquet.")  # fmt: skip
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@as_json_option
def learning(
    seeds: list[int], days: int, every: int, customers: int, items: int, arms: str, config: Path | None, out: Path,
    fit: Path | None, markdown: bool, as_json: bool,
) -> None:  # fmt: skip
    """Live through the days of a simulated shop, with a frozen bundle, and with the loop that learns.

    Every list is asked of `shortlist serve`, every night is a `shortlist train`. Pictures are written beside the
    results, into --out.
    """
    import json

    if fit is not None:
        from shortlist_bench.learning.fitting import fit as fitted

        click.echo(json.dumps(fitted(fit), indent=2))
        return
    from shortlist_bench.learning import report
    from shortlist_bench.learning.arms import ARMS
    from shortlist_bench.learning.living import live
    from shortlist_bench.learning.plots import write_plots
    from shortlist_bench.learning.summary import summary
    from shortlist_bench.learning.world import Size

    names = arms.split(",")
    if len(set(names)) < len(names) or not set(names) <= set(ARMS):
        raise click.BadParameter(f"{arms!r}: choose from {', '.join(ARMS)}", param_hint="--arms")
    size = Size(customers=customers, items=items, days=days, every=every)
    runs = live(size, seeds, names, out, say, config=config)
    found = summary(runs, names)
    for picture in write_plots(runs, names, out):
        say(f"{picture} is written")
    if as_json:
        click.echo(json.dumps(report.as_json(found)))
    else:
        click.echo(report.markdown(found) if markdown else report.plain(found))
