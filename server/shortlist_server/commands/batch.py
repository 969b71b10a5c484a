"""`shortlist batch`: lists for all customers, as one Parquet file."""

from pathlib import Path
from typing import Any

import click

from shortlist_server.commands.diversity import diversity_options, read_options
from shortlist_server.commands.sources import read_source_options, source_option

_path = click.Path(path_type=Path)


@click.command()
@click.option("--bundles", type=_path, required=True, help="Folder of bundles.")
@click.option("--model", default="default", show_default=True, help="Name of the model.")
@click.option("--version", default="stable", show_default=True, help="A version of it, or an alias.")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Items per customer.")
@click.option("--out", type=_path, required=True, help="Parquet file to write: customer_id, rank, item_id, score.")
@click.option("--customers", type=_path, help="Text, CSV or Parquet file with the customer_id of those wanted.")
@click.option("--seen", type=click.Choice(["policy", "include", "exclude"]), default="policy", show_default=True,
              help="Whether items that a customer has taken may be in the list.")  # fmt: skip
@click.option("--clock", type=click.Choice(["log_end", "live"]), default="log_end", show_default=True,
              help="What 'now' is.")  # fmt: skip
@click.option("--as-of", type=float, help="Seconds since 1970 that count as now, instead of the clock.")
@source_option
@click.option("--rank-by", type=click.Choice(["scorer", "source"]), default="scorer", show_default=True,
              help="'source' skips the scorer and keeps the order of the one source named.")  # fmt: skip
@click.option("--placement", default="", help="Name of the placement whose policy applies.")
@diversity_options
def batch(
    bundles: Path, model: str, version: str, k: int, out: Path, customers: Path | None, seen: str, clock: str,
    as_of: float | None, sources: tuple[str, ...], rank_by: str, placement: str, **diversity: Any,
) -> None:  # fmt: skip
    """Write a list for every customer that the bundle knows, ranks from 1."""
    if rank_by == "source" and (len(sources) != 1 or ":" in sources[0]):
        raise click.UsageError("--rank-by source needs exactly one --source, without a quota.")
    if rank_by == "source" and any(value not in (None, ()) for value in diversity.values()):
        raise click.UsageError("--rank-by source keeps the source's order, which diversity would change.")
    from shortlist_server.batch import BatchRequest, write_batch
    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.pipeline.loading import load_pipeline
    from shortlist_server.pipeline.request import Seen

    pipeline = load_pipeline(bundles, model, version, ClockPolicy(clock))
    weights, quotas = read_source_options(sources, k)
    wanted = BatchRequest(
        k=k, seen=Seen(seen), as_of=as_of, sources=weights, source_quotas=quotas,
        rank_by_source=rank_by == "source", placement=placement, diversity=read_options(diversity, k),
    )  # fmt: skip
    rows = write_batch(pipeline, wanted, out, customers=customers, say=lambda text: click.echo(text, err=True))
    click.echo(f"{out}: {rows:,} rows from bundle {pipeline.bundle_id}")
