"""Models whose items can be encoded, built by hand."""

from dataclasses import replace

import numpy as np
from small_models import ITEM_SPEC, model_of

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.item_side.content import BagAxes, ContentAxes
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.item_side.pairs import PairItems
from shortlist_bundle.item_side.tower import BiasLine, ItemTower
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum

ENCODER = FeatureEncoder(ITEM_SPEC)


def item_side(seed=0, *, width=4, hidden=8, content=3):
    """Draw the items' side of `random_engine`: items of a price and a title."""
    random = np.random.default_rng([seed, 9])

    def floats(*shape):
        return random.normal(size=shape).astype(np.float32)

    def table(*shape):
        values = floats(*shape)
        values[0] = 0
        return values

    return ItemSide(
        tower=ItemTower(
            features=FeatureSum(kernel=floats(2, width), tables={"title": table(17, width)}),
            bias=BiasLine(weights=random.normal(size=width), intercept=0.1, low=-1.0, high=1.0),
            shift=-0.2,
            least=-1.0,
            lengths=np.abs(random.normal(size=31)).astype(np.float32),
        ),
        scorer=PairItems(
            feature_input=FeatureInput(tables={"title": table(17, 3)}),
            vector_width=width,
            layers=(Dense(kernel=floats(2 + 3 + width, 5), bias=floats(5), relu=True),),
            kernel=floats(5, hidden),
        ),
        content=ContentAxes(
            width=content,
            numbers=np.array([0]),
            number_axes=floats(1, 2, content),
            bags={"title": BagAxes(first=1, surprise=np.abs(floats(17)), axes=floats(17, content))},
        ),
    )


def described_model(seed=0, **changes):
    """Return a model of 30 items that can take in more."""
    return replace(model_of(seed=seed), **{"item_side": item_side(seed), **changes})
