"""Where the quality of a bundle comes from, as it was measured when the bundle was made."""

from collections.abc import Iterator, Mapping
from typing import Any

from shortlist_training.benchmark.report.tables import figure, table

MODES = {"all": "all items", "new": "items new to the customer"}
DEPTHS = (10, 20, 200)


def funnel_lines(task: Mapping[str, Any]) -> Iterator[str]:
    """Yield the funnels of the first bundle of a task, which all its seeds and budgets resemble."""
    judged = [one for one in task["bundles"] if "ranking" in one["metrics"]]
    if not judged:
        return
    metrics = judged[0]["metrics"]
    for funnel in metrics["ranking"]["judged"]["refitted pair"]:
        depths = metrics["ranking"]["depths"][funnel["mode"]]
        yield f"The funnel of {task['task']}, {MODES[funnel['mode']]}, on the newest window of the log that was given"
        yield f"({funnel['customers']:,} customers, {funnel['targets']:.1f} targets each), from the bundle's metrics:"
        yield ""
        headings = ("list", *(f"recall@{depth}" for depth in DEPTHS), "nDCG@20", "candidates")
        yield from table(headings, _rows(funnel, depths))
        yield ""


def _rows(funnel: Mapping[str, Any], depths: Mapping[str, int]) -> Iterator[list[str]]:
    for source, figures in funnel["sources"].items():
        recalls = [figure(figures[f"recall@{depth}"]) for depth in DEPTHS]
        yield [f"{source} alone", *recalls, figure(figures["ndcg@20"]), str(depths.get(source, ""))]
    merged = funnel["shortlist"]
    size = f"{merged['size']['mean']:.0f}"
    whole = [f"{figure(merged['recall'])}, all of it"]
    yield ["merged shortlist, by rank fusion", "", "", *whole, figure(merged["fusion ndcg@20"]), size]
    yield ["the best order of it there could be", "", "", "", figure(merged["perfect ndcg@20"]), size]
    ranked = funnel["end_to_end"]
    recalls = [figure(ranked[f"recall@{depth}"]) for depth in DEPTHS[:2]]
    yield ["**ranked by the scorer**", *recalls, "", figure(ranked["ndcg@20"]), size]
