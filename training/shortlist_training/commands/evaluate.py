"""`shortlist evaluate`: the figures of a bundle, and how it does on a newer log."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from shortlist_training.offpolicy.comparison import Comparison

_path = click.Path(path_type=Path)


@click.command()
@click.option("--bundles", type=_path, help="Folder of bundles.")
@click.option("--model", default="default", show_default=True, help="Name of the model.")
@click.option("--version", default="stable", show_default=True, help="A version of it, or an alias.")
@click.option("--data", "folder", type=_path, help="A log to judge on: what it holds after the bundle's log ended.")
@click.option("--diversity", is_flag=True, help="Judge varied lists instead: every method at every strength.")
@click.option(
    "--plots",
    type=_path,
    help="Folder for pictures: how far probabilities can be trusted; with --diversity also its curves.",
)
@click.option(
    "--policy",
    metavar="NEW",
    help="Judge a policy instead: a table of its probabilities, or a placement of the bundle, or POLICY[:STRENGTH].",
)
@click.option("--log", "logged", type=_path, help="A log of slates to judge the policy on: a folder, or a file.")
@click.option(
    "--interval",
    type=click.Choice(["normal", "bootstrap"]),
    default="normal",
    show_default=True,
    help="How the confidence intervals of a policy's reward are made.",
)
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    bundles: Path | None, model: str, version: str, folder: Path | None, diversity: bool, plots: Path | None,
    policy: str | None, logged: Path | None, interval: str, confidence: float, as_json: bool,
) -> None:  # fmt: skip
    """Show how good a bundle is, or a policy that has never served.

    With --policy and --log: what slates of the policy would have earned, by every estimator that the log allows. NEW is
    a file or folder of probabilities (docs/data.md says of which form), or with --bundles a placement of the bundle, or
    an exploration policy such as boltzmann:0.5.

    Without --data: the figures it was published with. With --data: the funnel on the events of that log that came
    after the bundle's own log ended; with --diversity, what varied lists cost and bring there.
    """
    if (policy is None) != (logged is None):
        raise click.UsageError("--policy and --log belong together; give both or neither.")
    if policy is not None and logged is not None:
        comparison = _compared(policy, logged, bundles, model, version)
        _judge(comparison, interval, confidence, as_json=as_json)
        return
    if bundles is None:
        raise click.UsageError("Missing option '--bundles'.")
    if diversity and folder is None:
        raise click.UsageError("--diversity needs --data to judge on.")
    from shortlist_bundle.files import open_bundle
    from shortlist_training.evaluation.rendering import console, funnel_table, render_metrics

    opened = open_bundle(bundles, model, version)
    out = console()
    if plots is not None:
        _draw(opened.document("metrics"), plots)
    if folder is None:
        metrics = opened.document("metrics")
        if as_json:
            click.echo(json.dumps(metrics))
            return
        for table in render_metrics(metrics):  # type: ignore[arg-type]
            out.print(table)
        return
    from shortlist_bundle.packing import unpack_model
    from shortlist_training.commands.configuration import configured
    from shortlist_training.evaluation.diversity.plots import write_diversity_plots
    from shortlist_training.evaluation.diversity.table import diversity_table
    from shortlist_training.evaluation.later import later_diversity, later_funnels
    from shortlist_training.log import read_log
    from shortlist_training.progress import progress_for

    log = read_log(folder, configured(folder, None).data)
    judge = later_diversity if diversity else later_funnels
    found = [one.to_json() for one in judge(unpack_model(opened), log, progress_for())]
    for file in write_diversity_plots(found, plots) if diversity and plots else ():
        click.echo(f"{file}", err=True)
    if as_json:
        click.echo(json.dumps(found))
        return
    for one in found:
        out.print(diversity_table(one) if diversity else funnel_table(one))


def _draw(metrics: Any, folder: Path) -> None:
    from shortlist_training.calibration.plot import write_reliability

    file = write_reliability(metrics, folder)
    click.echo(f"{file}" if file else "the bundle's metrics hold no calibration to draw", err=True)


def _compared(policy: str, logged: Path, bundles: Path | None, model: str, version: str) -> "Comparison":
    from shortlist_bundle.files import open_bundle
    from shortlist_bundle.packing import unpack_model
    from shortlist_training.offpolicy.by_bundle import compared_with_bundle, placement_named
    from shortlist_training.offpolicy.slates import read_comparison

    if Path(policy).exists() or bundles is None:
        return read_comparison(logged, Path(policy))
    served = unpack_model(open_bundle(bundles, model, version))
    return compared_with_bundle(logged, served, placement_named(served, policy))


def _judge(comparison: "Comparison", interval: str, confidence: float, *, as_json: bool) -> None:
    from shortlist_training.evaluation.rendering import console
    from shortlist_training.offpolicy.intervals import Certainty
    from shortlist_training.offpolicy.judging import judge
    from shortlist_training.offpolicy.table import judgement_json, judgement_table

    judgement = judge(comparison, Certainty(confidence=confidence, kind=interval))
    if as_json:
        click.echo(json.dumps(judgement_json(judgement)))
        return
    console().print(judgement_table(judgement))
