"""How long one varied list takes: 50 items from 300 candidates of an invented catalogue, each method in turn.

`python benchmarks/diversity.py`; the time is the median of many lists, in the process, after a warm-up.
"""

import argparse
import os
import platform
from time import perf_counter

import numpy as np

from shortlist_bundle.catalogue import Catalogue, TextAttribute
from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.engine import Ranked
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary

COLUMNS = {"department": 27, "category": 300, "kind": 1_800, "brand": 2, "maker": 3_000}
"""Column -> values, about as in a grocery's catalogue."""
SETTINGS = {
    "mmr": Diversity(method="mmr", strength=0.3),
    "dpp": Diversity(method="dpp", strength=0.3),
    "max_sum": Diversity(method="max_sum", strength=0.5),
    "calibration": Diversity(method="calibration", strength=0.5),
    "serendipity": Diversity(serendipity=0.3),
    "one cap": Diversity(caps=(("category", 2),)),
    "mmr, cap, quota and serendipity": Diversity(
        method="mmr",
        strength=0.3,
        serendipity=0.2,
        caps=(("category", 2),),
        quotas=(Quota(attribute="brand", value="brand 1"),),
    ),
}


def catalogue_of(items: int, random: np.random.Generator) -> Catalogue:
    attributes = {}
    for name, size in COLUMNS.items():
        values = Vocabulary(f"{name} {n}" for n in range(size))
        codes = np.concatenate([[0], random.integers(1, size + 1, items)]).astype(np.int32)
        attributes[name] = TextAttribute(kind=ColumnKind.CATEGORY, values=values, codes=codes)
    ends = np.full(items + 1, np.inf)
    return Catalogue(attributes=attributes, available_from=-ends, available_until=ends)


def candidates_of(items: int, count: int, random: np.random.Generator) -> Ranked:
    return Ranked(
        items=random.choice(np.arange(1, items + 1), (1, count), replace=False).astype(np.int32),
        scores=-np.sort(-random.normal(size=(1, count)).astype(np.float32)),
        ranks=np.zeros((1, count, 7), np.int16),
        candidates=np.array([count]),
    )


def history_of(items: int, events: int, random: np.random.Generator) -> Histories:
    return Histories(
        offsets=np.array([0, events]),
        items=random.integers(1, items + 1, events).astype(np.int32),
        times=np.zeros(events),
        values=np.ones(events, np.float32),
    )


def main() -> None:
    """Print microseconds per list for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=17_000, help="of the catalogue")
    parser.add_argument("--candidates", type=int, default=300, help="to pick from")
    parser.add_argument("--k", type=int, default=50, help="items of a list")
    parser.add_argument("--events", type=int, default=500, help="of the customer's history")
    parser.add_argument("--lists", type=int, default=300, help="to take the median of")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    random = np.random.default_rng(0)
    diversifier = Diversifier(catalogue_of(options.items, random))
    ranked = candidates_of(options.items, options.candidates, random)
    history = history_of(options.items, options.events, random)
    for name, wanted in SETTINGS.items():
        diversifier(ranked, history, wanted, options.k)
        spent = []
        for _ in range(options.lists):
            start = perf_counter()
            diversifier(ranked, history, wanted, options.k)
            spent.append(perf_counter() - start)
        print(f"{name}: {1e6 * np.median(spent):.0f} us")


if __name__ == "__main__":
    main()
