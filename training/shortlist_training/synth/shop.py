"""The setting *shop*: customers rate goods that have a kind, a brand and a price, so that needs can be stated of them.

Planted, every customer likes one kind best and the kinds after it less and less; a good of the brand that they prefer
is rated one higher.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.columns import CUSTOMER_ID, INTERACTIONS, ITEM_ID, ITEMS, RATING
from shortlist_training.synth.features import numbered
from shortlist_training.synth.setting import TRUTH, RatingsKind, Setting

KINDS = ("coffee", "tea", "honey", "oil", "cheese", "chocolate")
BRANDS = ("National", "Private", "Farm")
MIDDLE_PRICES = (9.0, 6.0, 8.0, 14.0, 18.0, 4.0)
CUSTOMERS, OF_A_KIND = 200, 20
SHOWN = 0.4
"""Share of the pairs that the log shows; planted, the others are the truth to be found."""

CONFIG = """\
[ratings]
model = "embedding"
embedding_size = 8
learning_rate = 0.01
epochs = 15
held_out = 0.2

[run]
seed = 42
"""


def make_shop(kind: RatingsKind, rng: np.random.Generator) -> Setting:
    """Make the setting; the goods are the same whether the ratings are noise or planted."""
    kinds, brands, goods = _goods(rng)
    ids = goods[ITEM_ID].to_list()
    ratings = (
        rng.integers(1, 6, (CUSTOMERS, len(ids)))
        if kind is RatingsKind.NOISE
        else _planted(
            rng.integers(len(KINDS), size=CUSTOMERS), rng.integers(len(BRANDS), size=CUSTOMERS), kinds, brands
        )
    )
    pairs = pl.DataFrame(
        {
            CUSTOMER_ID: np.repeat(numbered("customer", CUSTOMERS), len(ids)),
            ITEM_ID: np.tile(ids, CUSTOMERS),
            RATING: ratings.ravel(),
        }
    )
    shown = rng.random(pairs.height) < SHOWN
    truth = {} if kind is RatingsKind.NOISE else {TRUTH: pairs.filter(~shown)}
    return Setting({INTERACTIONS: pairs.filter(shown), ITEMS: goods, **truth}, CONFIG)


def _goods(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64], pl.DataFrame]:
    kinds = np.repeat(np.arange(len(KINDS)), OF_A_KIND)
    brands = rng.integers(len(BRANDS), size=len(kinds))
    spread = np.exp(rng.normal(0.0, 0.5, len(kinds)))
    table = pl.DataFrame(
        {
            ITEM_ID: [f"{KINDS[kind]}-{1 + n % OF_A_KIND:02}" for n, kind in enumerate(kinds)],
            "kind": [KINDS[kind] for kind in kinds],
            "brand": [BRANDS[brand] for brand in brands],
            "price": np.round(np.array(MIDDLE_PRICES)[kinds] * spread, 2),
            "organic": rng.random(len(kinds)) < 0.2,
        }
    )
    return kinds, brands, table


def _planted(
    liked: NDArray[np.int64], preferred: NDArray[np.int64], kinds: NDArray[np.int64], brands: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return ratings from 1 to 5, [M, N]: 4 for the kind liked best, down to 1, and 1 more for the preferred brand."""
    steps = (kinds[None, :] - liked[:, None]) % len(KINDS)
    return np.maximum(4 - steps, 1) + (brands[None, :] == preferred[:, None])
