"""A rating model as items come."""

from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.live.rows import GrowingRows
from shortlist_bundle.ratings import EmbeddingRating, FeatureRating, RatingModel


class LiveRatings:
    """Adds items to a rating model that others go on reading as it was.

    Args:
        ratings: of the bundle.
        side: what encodes items; for a model of ids alone a new item is an average one.
    """

    def __init__(self, ratings: RatingModel, side: ItemSide) -> None:
        self._ratings = ratings
        self._side = side
        self._tables = [GrowingRows(table) for table in _item_tables(ratings)]

    def append(self, features: EncodedFeatures) -> None:
        """Add items behind the others by their encoded features."""
        if isinstance(self._ratings, FeatureRating) and self._side.ratings is not None:
            self._tables[0].append(self._side.ratings(features))
            return
        for rows in self._tables:
            rows.append(np.repeat(rows.table[:1], len(features), axis=0))

    def model(self) -> RatingModel:
        """Return the model with the items so far; it stays as it is."""
        tables = [rows.table for rows in self._tables]
        if isinstance(self._ratings, EmbeddingRating):
            return replace(self._ratings, item_bias=tables[0], items=tables[1])
        if isinstance(self._ratings, FeatureRating):
            scorer = copy(self._ratings.scorer)
            scorer.item_half = tables[0]
            return replace(self._ratings, scorer=scorer)
        raise TypeError(f"a rating model of the type {type(self._ratings).__name__} cannot take in items")


def _item_tables(ratings: RatingModel) -> list[NDArray[np.float32]]:
    if isinstance(ratings, EmbeddingRating):
        return [ratings.item_bias, ratings.items]
    if isinstance(ratings, FeatureRating):
        return [ratings.scorer.item_half]
    return []
