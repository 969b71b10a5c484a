"""How many customers have taken both of two items, long histories counting less.

A table of every pair while the catalogue is small; of a large one, the pairs that are asked for, from the lists of who
has taken what.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.compiled import compiled
from shortlist_bundle.sources.since import DAMPING
from shortlist_bundle.sources.top import best_places
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.counting import distinct_pairs

Float = NDArray[np.float32]
Columns = NDArray[np.int64]

TABLE = 24_000
"""Items up to which the table of all pairs is held: 2.3 GB."""
LISTED = 100_000
"""Items of a larger catalogue that are counted: those that are taken most."""
LONGEST, MOST_TAKERS, FEWEST_TAKERS = 500, 1000, 50
"""Of a longer history, and of more takers, an even selection stands for all when pairs are counted from lists."""
MOST_VISITS = 4e10
"""Looks at the items of histories, by estimate: half a minute on two cores. Of a heavier log fewer takers speak."""
VISITS_PER_TAKING = 300
"""The neighbours of an item have three times the takers of an average one, and there are a hundred of them."""


class Together(Protocol):
    """Joint takings of n items, in which a customer who has taken h items counts 1 / sqrt(h).

    So normalised, a few who have taken nearly everything do not speak for all (Park et al. 2024, "Why is normalization
    necessary for linear recommenders?", https://arxiv.org/abs/2504.05805).

    Attributes:
        diagonal: float32 [n], weighted takers of each item.
        scale: float32 [n], what makes a joint count a cosine, damped for items that were hardly ever taken; the asking
            item's own factor is left out.
    """

    diagonal: Float
    scale: Float

    def nearest(self, chunk: Columns, count: int) -> tuple[Columns, Float]:
        """Return the nearest others of each item of a chunk, by cosine.

        Returns:
            Columns [C, count], rising, -1 where there are fewer; and their joint takings with the item, float32.
        """
        ...

    def among(self, others: Columns) -> Float:
        """Return the joint takings within each row of columns [C, m], float32 [C, m, m]; 0 where a column is -1."""
        ...


def count_together(dataset: Dataset, limits: NDArray[np.int64]) -> tuple[Columns, Together]:
    """Count from who has taken what below the limits.

    Returns:
        The items that are counted, rising rows of the catalogue: these are the columns; and their joint takings.
    """
    owners, items = distinct_pairs(dataset, limits)
    takers = np.bincount(items, minlength=dataset.item_rows)
    small = np.count_nonzero(takers) <= TABLE
    chosen = np.sort(np.argsort(-takers, kind="stable")[: TABLE if small else LISTED])
    chosen = chosen[takers[chosen] > 0]
    column = np.full(dataset.item_rows, -1)
    column[chosen] = np.arange(len(chosen))
    counted = column[items] >= 0
    owners, columns = owners[counted], column[items[counted]]
    if not small:
        owners, columns = _shortened(owners, columns)
    borders = np.searchsorted(owners, np.arange(dataset.customer_rows + 1))
    shares = (1.0 / np.sqrt(np.maximum(np.diff(borders), 1))).astype(np.float32)
    kind = TogetherTable if small else TogetherLists
    return chosen, kind(borders, columns, shares, takers[chosen].astype(np.float32))


def _shortened(owners: Columns, columns: Columns) -> tuple[Columns, Columns]:
    """Thin out the pairs of customers who have taken very much."""
    starts = np.searchsorted(owners, owners)
    place, length = np.arange(len(owners)) - starts, np.searchsorted(owners, owners, side="right") - starts
    keep = (place * LONGEST) // length != ((place - 1) * LONGEST) // length
    keep |= length <= LONGEST
    return owners[keep], columns[keep]


def _scale(diagonal: Float, takers: Float) -> Float:
    damping = takers / (takers + np.float32(DAMPING))
    return (damping / np.sqrt(np.maximum(diagonal, np.float32(1e-12)))).astype(np.float32)


class TogetherTable:
    """See `Together`: every pair at hand."""

    def __init__(self, borders: Columns, columns: Columns, shares: Float, takers: Float) -> None:
        self.table = _counted(borders, columns, shares, len(takers))
        self.diagonal = self.table.diagonal().copy()
        self.scale = _scale(self.diagonal, takers)

    def nearest(self, chunk: Columns, count: int) -> tuple[Columns, Float]:
        """See `Together.nearest`."""
        near = self.table[chunk] * self.scale
        near[np.arange(len(chunk)), chunk] = -1.0
        others = np.sort(np.argpartition(-near, count - 1, axis=1)[:, :count], axis=1)
        return others, np.take_along_axis(self.table[chunk], others, axis=1)

    def among(self, others: Columns) -> Float:
        """See `Together.among`."""
        return self.table[others[:, :, None], others[:, None, :]]


class TogetherLists:
    """See `Together`: counted when asked for."""

    def __init__(self, borders: Columns, columns: Columns, shares: Float, takers: Float) -> None:
        self.borders, self.columns, self.shares = borders, columns, shares
        owners = np.repeat(np.arange(len(borders) - 1), np.diff(borders))
        order = np.argsort(columns, kind="stable")
        self.takers = owners[order]
        self.takers_borders = np.searchsorted(columns[order], np.arange(len(takers) + 1))
        self.diagonal = np.bincount(columns, weights=shares[owners], minlength=len(takers)).astype(np.float32)
        self.scale = _scale(self.diagonal, takers)
        self.most_takers = most_takers(np.diff(borders), np.diff(self.takers_borders))

    def nearest(self, chunk: Columns, count: int) -> tuple[Columns, Float]:
        """See `Together.nearest`."""
        return _nearest(
            chunk, count, self.borders, self.columns, self.shares, self.takers_borders, self.takers, self.scale,
            self.most_takers,
        )  # fmt: skip

    def among(self, others: Columns) -> Float:
        """See `Together.among`."""
        return _among(
            others, self.borders, self.columns, self.shares, self.takers_borders, self.takers, self.diagonal,
            self.most_takers,
        )  # fmt: skip


def most_takers(lengths: Columns, takers: Columns) -> int:
    """Return how many takers of an item speak for all, so that counting from lists takes bearable time.

    Args:
        lengths: int [M + 1], items of each customer's history.
        takers: int [n], takers of each item.
    """
    length = float((lengths.astype(np.float64) ** 2).sum() / max(lengths.sum(), 1))  # of the history of a taking
    most = MOST_TAKERS
    while most > FEWEST_TAKERS and VISITS_PER_TAKING * length * np.minimum(takers, most).sum() > MOST_VISITS:
        most //= 2
    return max(most, FEWEST_TAKERS)


@compiled
def _counted(borders: Columns, columns: Columns, shares: Float, width: int) -> Float:
    table = np.zeros((width, width), np.float32)
    for customer in range(len(borders) - 1):
        own = columns[borders[customer] : borders[customer + 1]]
        for one in own:
            for other in own:
                table[one, other] += shares[customer]
    return table


@compiled
def _nearest(
    chunk: Columns,
    count: int,
    borders: Columns,
    columns: Columns,
    shares: Float,
    takers_borders: Columns,
    takers: Columns,
    scale: Float,
    most: int,
) -> tuple[Columns, Float]:
    others = np.full((len(chunk), count), -1, np.int64)
    joint = np.zeros((len(chunk), count), np.float32)
    # Below zero: not touched.
    sums, touched = np.full(len(scale), -1, np.float32), np.empty(len(scale), np.int64)
    for row in range(len(chunk)):
        size, start = 0, takers_borders[chunk[row]]
        every = takers_borders[chunk[row] + 1] - start
        visits = min(every, most)
        for visit in range(visits):
            customer = takers[start + visit * every // visits]
            for other in columns[borders[customer] : borders[customer + 1]]:
                if sums[other] < 0:
                    touched[size] = other
                    size += 1
                    sums[other] = 0
                sums[other] += shares[customer] * every / visits
        near = touched[:size]
        near.sort()
        scores = np.empty(size, np.float32)
        for place in range(size):
            scores[place] = sums[near[place]] * scale[near[place]] if near[place] != chunk[row] else np.float32(-1)
        best = best_places(near, scores, count)
        best.sort()
        filled = 0
        for place in best:
            if near[place] != chunk[row]:
                others[row, filled], joint[row, filled] = near[place], sums[near[place]]
                filled += 1
        for place in range(size):
            sums[near[place]] = -1
    return others, joint


@compiled
def _among(
    others: Columns,
    borders: Columns,
    columns: Columns,
    shares: Float,
    takers_borders: Columns,
    takers: Columns,
    diagonal: Float,
    most: int,
) -> Float:
    width = others.shape[1]
    joint = np.zeros((len(others), width, width), np.float32)
    slots = np.full(len(diagonal), -1, np.int64)
    for row in range(len(others)):
        for one in range(width):
            if others[row, one] >= 0:
                slots[others[row, one]] = one
        for one in range(width):
            item = others[row, one]
            if item < 0:
                continue
            start, every = takers_borders[item], takers_borders[item + 1] - takers_borders[item]
            visits = min(every, most)
            for visit in range(visits):
                customer = takers[start + visit * every // visits]
                for thing in columns[borders[customer] : borders[customer + 1]]:
                    other = slots[thing]
                    if other < 0 or other == one:
                        continue
                    # The less taken of the two knows the pair best: nothing, or less, of its list is left out.
                    takings = takers_borders[thing + 1] - takers_borders[thing]
                    if every < takings or (every == takings and one < other):
                        joint[row, one, other] += shares[customer] * every / visits
                        joint[row, other, one] = joint[row, one, other]
            joint[row, one, one] = diagonal[item]
        for one in range(width):
            if others[row, one] >= 0:
                slots[others[row, one]] = -1
    return joint
