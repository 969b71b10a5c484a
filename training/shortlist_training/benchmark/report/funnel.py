"""Where the quality of a bundle comes from, as it was measured when the bundle was made."""

from collections.abc import Iterator, Mapping
from typing import Any

from shortlist_training.benchmark.report.tables import figure, table

MODES = {"all": "all items", "new": "items new to the customer"}
DEPTHS = (10, 20, 50, 100, 200)
SLICED_BY = ("ndcg@20", "recall@20")


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
        yield from ("", *_gains(funnel), "", *table(("slice", "customers", "nDCG@20", "recall@20"), _slices(funnel)))
        yield ""


def _rows(funnel: Mapping[str, Any], depths: Mapping[str, int]) -> Iterator[list[str]]:
    for source, figures in funnel["sources"].items():
        recalls = [_cell(figures, f"recall@{depth}") for depth in DEPTHS]
        yield [f"{source} alone", *recalls, figure(figures["ndcg@20"]), str(depths.get(source, ""))]
    merged = funnel["shortlist"]
    size = f"{merged['size']['mean']:.0f}"
    nothing = [""] * (len(DEPTHS) - 1)
    whole = f"{figure(merged['recall'])}, all of it"
    yield ["merged shortlist, by rank fusion", *nothing, whole, figure(merged["fusion ndcg@20"]), size]
    yield ["the best order of it there could be", *nothing, "", figure(merged["perfect ndcg@20"]), size]
    ranked = funnel["end_to_end"]
    recalls = [_cell(ranked, f"recall@{depth}") for depth in DEPTHS]
    yield ["**ranked by the scorer**", *recalls, figure(ranked["ndcg@20"]), size]


def _gains(funnel: Mapping[str, Any]) -> Iterator[str]:
    """Yield what each step adds; a bundle that was made before this was measured says nothing of merging."""
    merged, by_scorer = funnel["shortlist"].get("gain on the best source"), funnel["gain"]
    added = f"Merging adds {_signed(merged)} of recall to 200 items of the best source alone; the" if merged else "The"
    yield f"{added} scorer adds {_signed(by_scorer)} of nDCG@20 to the order by rank fusion (paired by customer)."


def _slices(funnel: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, figures in funnel["slices"].items():
        yield [name, f"{figures['customers']['mean']:,.0f}", *(_cell(figures, metric) for metric in SLICED_BY)]


def _cell(figures: Mapping[str, Any], name: str) -> str:
    return figure(figures[name]) if name in figures else ""


def _signed(value: Mapping[str, float]) -> str:
    return f"{value['mean']:+.4f} ±{value['error']:.4f}"
