"""Everything that a bundle needs to encode an item which training has not seen."""

from dataclasses import dataclass

from shortlist_bundle.item_side.content import ContentAxes
from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.item_side.tower import ItemTower


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSide:
    """The items' side of the models, each None where the bundle has no such model, or no features of items.

    Attributes:
        tower: of the two-tower.
        scorer: of the reranking scorer.
        content: of the content space.
        ratings: of the rating model, where it reads features.
    """

    tower: ItemTower | None = None
    scorer: PairItems | None = None
    content: ContentAxes | None = None
    ratings: PairItems | None = None
