"""Why an item is in a list, in words."""

from collections.abc import Sequence

from shortlist_client import Recommendations, SourceRank

WORDS = {
    "own_past": "taken before",
    "two_tower": "fits this customer",
    "item_cf": "goes with what they took",
    "embedding": "near what they took",
    "popularity": "popular now",
    "sequence": "follows what they took last",
    "linear": "told by all they took",
    "user_cf": "taken by people alike",
    "content": "is like what they took",
}
RATED = "by predicted rating"
"""A bundle of ratings has no sources: it rates every item."""
FILLED = "fills the list"
"""No source proposed the item; it is the nearest of those that are left."""
MOST = 3


def reasons(found: Recommendations) -> list[str]:
    """Return why each item of a list is there."""
    otherwise = FILLED if any(item.reasons for item in found) else RATED
    return [reason(item.reasons) or otherwise for item in found]


def reason(proposed: Sequence[SourceRank]) -> str:
    """Return the strongest reasons, those of the highest ranks first, each with its place on that source's list."""
    best = sorted(proposed, key=lambda source: source.rank)[:MOST]
    return ", ".join(f"{in_words(source.source)} #{source.rank + 1}" for source in best)


def in_words(source: str) -> str:
    """Return what a source says about the items it proposes; one this demo does not know keeps its name."""
    return WORDS.get(source, source.replace("_", " "))
