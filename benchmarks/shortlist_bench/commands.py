"""`shortlist bench serving`."""

from pathlib import Path

import click

_folder = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option("--bundles", type=_folder, help="Folder of bundles to serve; one is drawn without it.")
@click.option("--items", type=click.IntRange(10, 20_000_000), default=100_000, show_default=True,
              help="Items of the drawn bundle.")  # fmt: skip
@click.option("--source", default="", help="The only source that proposes.  [default: all of the bundle's]")
@click.option("--unknown", is_flag=True, help="Ask for strangers with features and no history.")
@click.option("-k", "length", type=click.IntRange(1, 1_000), default=50, show_default=True, help="Length of a list.")
@click.option("--callers", type=click.IntRange(1, 256), default=8, show_default=True, help="At the same time.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes.")
@click.option("--seconds", type=click.FloatRange(0.2, 600), default=4.0, show_default=True, help="Of each load.")
@click.option("--repetitions", type=click.IntRange(1, 50), default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def serving(
    bundles: Path | None, items: int, source: str, unknown: bool, length: int, callers: int, workers: int,
    seconds: float, repetitions: int, as_json: bool,
) -> None:  # fmt: skip
    """Measure what a served answer costs, in processor time, against engine and transport alone.

    The floor is the engine in a process of its own plus the cheapest server that parses the same requests and builds
    the same replies; both are measured in the same run.
    """
    import json
    import tempfile
    import time

    from shortlist_bench.questions import Question
    from shortlist_bench.serving import Plan, measure
    from shortlist_bench.synthetic import Size, write_synthetic
    from shortlist_bench.table import shown
    from shortlist_training.benchmark.machine import describe_machine

    def say(line: str) -> None:
        click.echo(line, err=True)

    with tempfile.TemporaryDirectory() as room:
        built: dict[str, object] = {}
        if bundles is None:
            bundles, began = Path(room), time.perf_counter()
            index = write_synthetic(bundles, Size(items=items))[1]
            built = {"items": items, "build_seconds": time.perf_counter() - began, "index": index}
        question = Question(k=length, source=source, known=not unknown)
        plan = Plan(bundles=bundles, question=question, callers=callers, seconds=seconds, workers=workers)
        figures = {**built, **measure(plan, repetitions, say)}
    machine = describe_machine()
    document = {"figures": figures, "machine": machine, "repetitions": repetitions, "callers": callers}
    click.echo(json.dumps(document) if as_json else shown(figures, machine))
