"""How good the lists are, beside the simple methods, from the metrics that the bundle carries."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

METRIC = "ndcg@20"
SERVED = "Shortlist: all sources, reranked"
METHODS = {
    "popularity": "popularity of late",
    "item_cf": "item-based CF",
    "own_past": "the customer's own past",
    "two_tower": "two-tower alone",
    "embedding": "embedding model alone",
    "sequence": "what follows soon after",
    "linear": "linear autoencoder",
    "user_cf": "user-based CF",
    "segment_popularity": "popularity in the segment",
}
MODES = {"all": "all items", "new": "only new ones"}

Figure = Mapping[str, float]
"""`mean` and `error`, the standard error."""


def render_quality(metrics: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the ranking figures and those of predicted ratings, whichever the bundle has."""
    if "ranking" in metrics:
        funnels = {funnel["mode"]: funnel for funnel in metrics["ranking"]["judged"]["refitted pair"]}
        yield _asked(funnels, metrics["split"]["kind"])
        yield quality_table(funnels)
    if "ratings" in metrics:
        figures = metrics["ratings"]
        errors = f"RMSE {_plain(figures['rmse'])}, MAE {_plain(figures['mae'])}"
        yield f"Predicted ratings, {figures['held_out']:,} held out: {errors}"


def quality_table(funnels: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return a row per method, the best on the first mode first, and a column per mode."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("nDCG@20 ± standard error")
    for mode in funnels:
        table.add_column(MODES.get(mode, mode), justify="right")
    for name, figures in methods(funnels):
        style = "bold" if name == SERVED else ""
        table.add_row(name, *(_cell(figures.get(mode)) for mode in funnels), style=style)
    return table


def methods(funnels: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, dict[str, Figure]]]:
    """Return (method, mode -> figure): what is served first, then every source alone by falling quality."""
    served = {mode: funnel["end_to_end"][METRIC] for mode, funnel in funnels.items()}
    alone: dict[str, dict[str, Figure]] = {}
    for mode, funnel in funnels.items():
        for source, figures in funnel["sources"].items():
            alone.setdefault(METHODS.get(source, source), {})[mode] = figures[METRIC]
    first = next(iter(funnels))
    ranked = sorted(alone.items(), key=lambda entry: -entry[1].get(first, {"mean": 0.0})["mean"])
    return [(SERVED, served), *ranked]


def _asked(funnels: Mapping[str, Mapping[str, Any]], split: str) -> str:
    customers = max(funnel["customers"] for funnel in funnels.values())
    window = {"time": "the log's last twelfth", "last": "each customer's last taking"}.get(split, "a hidden share")
    return (
        f"{customers:,} customers, judged on {window}, which this fit had not seen; every item of the catalogue could "
        "be in a list; 1 is perfect."
    )


def _cell(figure: Figure | None) -> str:
    # A source that can propose nothing here, such as the own past among new items, has no quality.
    if figure is None or not figure["mean"]:
        return "-"
    return f"{figure['mean']:.4f} ±{figure['error']:.4f}"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
