"""Why items are in lists that are ordered by predicted rating.

A rating model reads no history: who the customer is stands in an embedding or in features, where no single item of the
past can be found again. What can be said is how the rating comes about: by a customer who gives more or less than
others, by an item that gets more or less, and by the two together, which is taste.
"""

from collections.abc import Sequence

import numpy as np

from shortlist_bundle.ratings import RatingModel
from shortlist_bundle.reasons.explain import Reasons
from shortlist_bundle.reasons.takings import takings
from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.scoreboard import Items
from shortlist_bundle.state.batch import CustomerBatch

GROUPS = ("customer", "item", "taste")
"""What a rating owes to the customer alone, to the item alone, and to the two together."""


def explain_ratings(
    model: RatingModel, batch: CustomerBatch, items: Items, *, item_rows: int, sources: Sequence[str] = ()
) -> Reasons:
    """Explain finished lists of B customers.

    Args:
        model: what ordered them.
        batch: the customers.
        items: int32 [B, k], item rows; padding (item 0) gets numbers without a meaning.
        item_rows: number of items plus one.
        sources: names of sources that proposed nothing, in the order of the lists' ranks.

    Returns:
        The reasons; the changes of the score are in ratings, and sum to the rating before it is clipped, less an
        average customer's of an average item.
    """
    parts = model.parts(batch, items)
    customer = np.broadcast_to(parts.customer[:, None], items.shape)
    history = batch.history
    past = sum_up(history, batch.now, (np.inf,), things=history.items, width=item_rows)
    return Reasons(
        sources=tuple(sources),
        source_scores=np.zeros((*items.shape, len(sources)), np.float32),
        pulls={},
        score_groups=GROUPS,
        score_changes=np.stack([customer, parts.item, parts.together], axis=2).astype(np.float32),
        takings=takings(past, items),
    )
