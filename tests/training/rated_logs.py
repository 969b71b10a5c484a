"""Small logs of ratings with a planted pattern."""

import numpy as np
from small_logs import log_of

from shortlist_training.dataset.build import build_dataset


def rated(*, customers=30, items=10, features=True, seed=0):
    """Plant ratings: like gives a 5 to like, and a 2 to unlike; a tenth of the rows has no rating."""
    random = np.random.default_rng(seed)
    events = [
        (f"c{c:02}", f"i{i:02}", None if random.random() < 0.1 else 5.0 if c % 2 == i % 2 else 2.0)
        for c in range(customers)
        for i in range(items)
        if random.random() < 0.6
    ]
    ids = {"customers": sorted({c for c, _, _ in events}), "items": sorted({i for _, i, _ in events})}
    tables = {
        "customers": {"customer_id": ids["customers"], "side": [float(int(c[1:]) % 2) for c in ids["customers"]]},
        "items": {"item_id": ids["items"], "half": ["odd" if int(i[1:]) % 2 else "even" for i in ids["items"]]},
    }
    return build_dataset(log_of(events, columns=("customer_id", "item_id", "rating"), **(tables if features else {})))
