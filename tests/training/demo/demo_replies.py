"""Answers of a server, built by hand."""

from shortlist_client import (
    Bundle,
    Fallback,
    Reasons,
    Recommendation,
    Recommendations,
    SimilarItem,
    SimilarItems,
    SourceRank,
)

BUNDLE = Bundle(model="default", version="v1", id="abc")


def proposed(**ranks):
    return Reasons(sources=tuple(SourceRank(source=one, rank=rank, score=1.0) for one, rank in ranks.items()))


def recommendations(*reasons, **settings):
    """Return a list with one item for each of the given reasons: i0, i1..."""
    items = tuple(
        Recommendation(item_id=f"i{rank}", score=2.0 - rank, rank=rank, reasons=why) for rank, why in enumerate(reasons)
    )
    return Recommendations(items=items, bundle=BUNDLE, **settings)


def similar(*ids):
    found = tuple(SimilarItem(item_id=item, score=0.9 - rank / 10, rank=rank) for rank, item in enumerate(ids))
    return SimilarItems(items=found, space="two_tower", bundle=BUNDLE)


def fallback(code):
    return Fallback(code=code)
