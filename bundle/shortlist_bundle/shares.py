"""Which sources propose the candidates of a list: their shares of the budget, and what the list holds of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.errors import DocumentError, shown
from shortlist_bundle.knowledge.utility import NAME as KNOWLEDGE

MOST_SOURCES, MOST_ITEMS = 32, 1_000
PLACES_PER_ITEM = 5
"""Candidates that a source may propose for each item of its quota: some choice for the scorer, and for caps."""

HEAVY = 1e100
"""Weights beyond it are divided by the heaviest before they are added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShare:
    """What one source counts.

    Attributes:
        source: its name.
        weight: relative to the other sources, finite and at least 0. Where all weights are 0, the learnt depths hold,
            but for sources without a quota, which are off.
        quota: so many items of the list, or more, are among those that it proposed; 0 for none.
    """

    source: str
    weight: float = 0.0
    quota: int = 0


Shares = tuple[SourceShare, ...]
"""By name, each source once; empty: as learnt."""


def depths_of(shares: Shares, learnt: Mapping[str, int], *, k: int, items: int) -> Mapping[str, int]:
    """Return how many candidates each source may propose.

    The learnt budget is shared by the weights. Without any weight every source keeps its learnt depth, but for those
    named with neither weight nor quota, which propose nothing. A source with a quota gets `PLACES_PER_ITEM` times the
    quota where it would have less.

    Args:
        shares: of the sources.
        learnt: source -> depth as trained.
        k: length of the list; the budget is no smaller.
        items: of the catalogue; no quota needs more places.
    """
    weights = _summable({share.source: share.weight for share in shares if share.weight > 0})
    off = {share.source for share in shares if not share.weight and not share.quota}
    depths = {source: depth for source, depth in learnt.items() if source not in off}
    if weights:
        budget, total = max(sum(learnt.values()), k), sum(weights.values())
        depths = {source: ceil(budget * weight / total) for source, weight in weights.items()}
    for share in shares:
        if share.quota:
            places = min(PLACES_PER_ITEM * share.quota, items)
            depths[share.source] = max(depths.get(share.source, 0), places)
    return depths


def shares_to_json(shares: Shares) -> dict[str, JSON]:
    """Return the shares as they stand in a bundle and in TOML: a weight alone, or a table."""
    return {share.source: _share_to_json(share) for share in shares}


def shares_from_json(value: Any, where: str) -> Shares:
    """Read what `shares_to_json` wrote, or a user's file.

    Raises:
        DocumentError: A share cannot be meant; it is named with `where`.
    """
    if not isinstance(value, Mapping) or len(value) > MOST_SOURCES:
        raise DocumentError(f"{where}: must be a table of at most {MOST_SOURCES} sources, is {shown(value)}")
    return tuple(_share(name, value[name], f"{where}.{name}") for name in sorted(value))


def unknown_sources(shares: Shares, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each source that is neither among those of the bundle nor "knowledge", and what is wrong with it."""
    for share in shares:
        if share.source not in (*known, KNOWLEDGE):
            yield share.source, f"there is no source {share.source!r} here; there are {', '.join((*known, KNOWLEDGE))}"


def _summable(weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return weights whose sum, and whose product with any budget, is finite; most are returned as they are."""
    heaviest = max(weights.values(), default=0.0)
    return {source: weight / heaviest for source, weight in weights.items()} if heaviest > HEAVY else weights


def _share_to_json(share: SourceShare) -> JSON:
    if not share.quota:
        return share.weight
    return {"weight": share.weight, "quota": share.quota} if share.weight else {"quota": share.quota}


def _share(name: str, value: Any, where: str) -> SourceShare:
    table = value if isinstance(value, Mapping) else {"weight": value}
    if set(table) - {"weight", "quota"} or not table:
        raise DocumentError(f"{where}: must be a weight, or a table of weight and quota, is {shown(value)}")
    weight, quota = table.get("weight", 0.0), table.get("quota", 0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not isfinite(weight) or weight < 0:
        place = f"{where}.weight" if isinstance(value, Mapping) else where
        raise DocumentError(f"{place}: must be a number of at least 0, is {shown(weight)}")
    if isinstance(quota, bool) or not isinstance(quota, int) or not 0 <= quota <= MOST_ITEMS:
        raise DocumentError(f"{where}.quota: must be a whole number from 0 to {MOST_ITEMS}, is {shown(quota)}")
    return SourceShare(source=name, weight=float(weight), quota=quota)
