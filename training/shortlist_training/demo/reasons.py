"""Why an item is in a list, in a few words."""

from shortlist_client import Recommendations
from shortlist_training.demo.names import ItemNames

RATED = "by predicted rating"
"""A bundle of ratings has no sources: it rates every item."""
FILLED = "fills the list"
"""No source proposed the item; it is the nearest of those that are left."""


def reasons(found: Recommendations, names: ItemNames) -> list[str]:
    """Return why each item of a list is there, items of the history called by their names."""
    otherwise = FILLED if any(item.reasons for item in found) else RATED
    return [item.short_reason(names.names) or otherwise for item in found]
