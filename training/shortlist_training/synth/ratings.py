"""The setting *ratings*: who rated what, and nothing else is known of anybody.

With noise it is ten given ratings of five users and six items. Planted, there are blocks of customers and blocks of
items, and the two blocks alone decide the rating, so the matrix has the rank of the number of blocks. In every block of
items each rating is as frequent as in every other: the mean of an item or of a customer tells nothing.
"""

import numpy as np
import polars as pl

from shortlist_bundle.columns import CUSTOMER_ID, INTERACTIONS, ITEM_ID, RATING
from shortlist_training.synth.features import numbered
from shortlist_training.synth.setting import TRUTH, RatingsKind, Setting

TEN_RATINGS = (
    *((0, 0, 5), (1, 1, 4), (2, 2, 3), (3, 3, 2), (4, 4, 1)),
    *((0, 5, 4), (1, 2, 5), (2, 3, 2), (3, 4, 3), (4, 5, 4)),
)
"""User, item, rating."""

BLOCKS = 4
BLOCK_RATINGS = (5, 4, 2, 1)
CUSTOMERS, ITEMS = 200, 60
SHOWN = 0.5
"""Share of the pairs that the log shows; the others are the truth to be found."""

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


def make_ratings(kind: RatingsKind, rng: np.random.Generator) -> Setting:
    """Make the setting; with noise it is the same for every seed."""
    if kind is RatingsKind.NOISE:
        rows = [(str(user), str(item), rating) for user, item, rating in TEN_RATINGS]
        log = pl.DataFrame(rows, schema={CUSTOMER_ID: pl.String, ITEM_ID: pl.String, RATING: pl.Int64}, orient="row")
        return Setting({INTERACTIONS: log}, CONFIG)
    pairs = _planted(rng)
    shown = rng.random(pairs.height) < SHOWN
    return Setting({INTERACTIONS: pairs.filter(shown), TRUTH: pairs.filter(~shown)}, CONFIG)


def _planted(rng: np.random.Generator) -> pl.DataFrame:
    # Turned by one from block to block, the four ratings stand once in each row and once in each column.
    table = np.array([np.roll(BLOCK_RATINGS, shift) for shift in range(BLOCKS)])
    customer_block = rng.permutation(np.arange(CUSTOMERS) % BLOCKS)
    item_block = rng.permutation(np.arange(ITEMS) % BLOCKS)
    return pl.DataFrame(
        {
            CUSTOMER_ID: np.repeat(numbered("customer", CUSTOMERS), ITEMS),
            ITEM_ID: np.tile(numbered("item", ITEMS), CUSTOMERS),
            RATING: table[customer_block[:, None], item_block[None, :]].ravel(),
        }
    )
