"""Measure what stated needs cost over a large invented catalogue, without a server.

    python benchmarks/stated_needs.py [--items 100000] [--repeats 200]

Prints medians in milliseconds: the utility of every item under five wishes, the best 100 of them, and what to give up
where no item meets sixteen musts.
"""

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from shortlist_bundle.catalogue import Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.knowledge.relaxation import MOST_MUSTS, relaxations, violations
from shortlist_bundle.knowledge.utility import Knowledge
from shortlist_bundle.knowledge.wishes import Direction, Near, Wanted, Wish
from shortlist_bundle.vocabulary import Vocabulary

WISHES = (
    Wish("price", Near(20.0, 5.0), 2.0),
    Wish("brand", Wanted(("b3", "b9"))),
    Wish("age", Direction.LOWEST),
    Wish("tags", Wanted(("t03",))),
    Wish("price", Direction.LOWEST, 0.5),
)


def invented(items: int, random: np.random.Generator) -> Catalogue:
    """Return a catalogue with two numbers, 200 brands, and up to five of 40 tags for each item."""
    lengths = np.concatenate([[0], random.integers(0, 6, items)])
    codes = random.integers(1, 41, lengths.sum()).astype(np.int32)
    brands = random.integers(0, 201, items + 1).astype(np.int32)
    return Catalogue(
        attributes={
            "price": NumberAttribute(kind=ColumnKind.NUMBER, values=random.lognormal(3.0, 1.0, items + 1)),
            "age": NumberAttribute(kind=ColumnKind.NUMBER, values=random.normal(size=items + 1)),
            "brand": TextAttribute(
                kind=ColumnKind.CATEGORY, values=Vocabulary(f"b{n}" for n in range(200)), codes=brands
            ),
            "tags": ListAttribute(
                values=Vocabulary(f"t{n:02}" for n in range(40)),
                offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
                codes=codes,
            ),
        },
        available_from=np.full(items + 1, -np.inf),
        available_until=np.full(items + 1, np.inf),
    )


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of the work, which is done once before."""
    work()
    spent = []
    for _ in range(repeats):
        begin = perf_counter()
        work()
        spent.append(1000.0 * (perf_counter() - begin))
    return median(spent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=200)
    given = parser.parse_args()
    random = np.random.default_rng(0)
    knowledge = Knowledge(invented(given.items, random))
    utility, allowed = knowledge.utility(WISHES), np.ones(given.items + 1, np.bool_)
    masks = [random.random(given.items + 1) < 0.5 for _ in range(MOST_MUSTS)]
    listed = np.arange(1, 51)
    for what, work in {
        "utility of every item under five wishes": lambda: knowledge.utility(WISHES),
        "the best 100 of them": lambda: knowledge.best(utility, allowed, 100),
        "which wishes 50 listed items meet": lambda: [knowledge.degrees(wish, listed) for wish in WISHES],
        "what to give up of sixteen musts": lambda: relaxations(violations(masks, given.items + 1), 8),
    }.items():
        print(f"{milliseconds(work, given.repeats):8.2f} ms  {what}")


if __name__ == "__main__":
    main()
