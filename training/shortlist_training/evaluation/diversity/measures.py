"""How varied lists are: one number per customer, and two of all lists together.

Likeness is taken on the catalogue's raw attributes, never on learnt vectors: a model that judged its own lists would
find them as varied as it believes them to be.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.catalogue import Catalogue
from shortlist_bundle.compiled import compiled
from shortlist_bundle.diversity.calibration import divergence, mix_of
from shortlist_bundle.diversity.grouping import Grouping, grouping_columns, mixed_column
from shortlist_bundle.diversity.likeness import Rows, TraitLikeness, fill_products
from shortlist_bundle.state.histories import Histories
from shortlist_training.errors import DataError
from shortlist_training.evaluation.targets import Targets

Lists = NDArray[np.int32]
PerCustomer = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What lists are measured with.

    Attributes:
        likeness: of items, by the catalogue's category columns.
        column: name of the column whose mix counts for calibration.
        mixed: all items by that column.
        surprise: float64 [N + 1], -log2 of each item's share of all takings.
    """

    likeness: TraitLikeness
    column: str
    mixed: Grouping
    surprise: NDArray[np.float64]

    @classmethod
    def of(cls, catalogue: Catalogue, takings: NDArray[np.floating]) -> "Yardstick":
        """Return the yardstick of a catalogue.

        Args:
            catalogue: of items 0..N.
            takings: float [N + 1], takings of each item before the window; smoothed by one each.

        Raises:
            DataError: No category column tells items alike or apart.
        """
        columns = grouping_columns(catalogue)
        column = mixed_column(columns)
        if column is None:
            raise DataError("the catalogue has no category column by which a list could be seen to be varied")
        surprise = -np.log2((takings + 1.0) / (takings[1:] + 1.0).sum())
        return cls(likeness=TraitLikeness.of(columns), column=column, mixed=columns[column], surprise=surprise)


def list_measures(lists: Lists, history: Histories, targets: Targets, yardstick: Yardstick) -> dict[str, PerCustomer]:
    """Return distance, novelty, calibration error, unexpectedness and serendipity of each list.

    Args:
        lists: int32 [J, k], 0 where a list is shorter.
        history: of the J customers, before the lists.
        targets: of the same customers.
        yardstick: what to measure with.
    """
    far = farness(lists, history, yardstick.likeness)
    shown = np.maximum((lists > 0).sum(axis=1), 1)
    return {
        "distance": intra_list_distance(lists, yardstick.likeness),
        "novelty": (yardstick.surprise[lists] * (lists > 0)).sum(axis=1) / shown,
        "calibration error": calibration_error(lists, history, yardstick.mixed),
        "unexpectedness": far.sum(axis=1) / shown,
        "serendipity": (far * targets.hits(lists)).sum(axis=1) / shown,
    }


def intra_list_distance(lists: Lists, likeness: TraitLikeness) -> PerCustomer:
    """Return the mean of one less the likeness over all pairs of a list, float64 [J]; 0 for fewer than two items.

    Ziegler, McNee, Konstan and Lausen 2005, https://doi.org/10.1145/1060745.1060754.
    """
    found = np.zeros(len(lists))
    for row, items in enumerate(lists):
        count = int(np.count_nonzero(items))
        if count > 1:
            # The likeness of all pairs is the square of the sum less the sum of the squares.
            whole, own = _squares(likeness.rows(items[items > 0]))
            found[row] = 1.0 - (whole - own) / (count * (count - 1))
    return found


def farness(lists: Lists, history: Histories, likeness: TraitLikeness) -> NDArray[np.float64]:
    """Return one less the likeness to the nearest item of the history, float64 [J, k]; 0 where there is no item."""
    found = np.zeros(lists.shape)
    for row, items in enumerate(lists):
        past = np.unique(history.items[history.offsets[row] : history.offsets[row + 1]])
        count = int(np.count_nonzero(items))
        nearest = _nearest(likeness.rows(items[:count]), likeness.rows(past.astype(np.int32)))
        found[row, :count] = 1.0 - nearest
    return found


def calibration_error(lists: Lists, history: Histories, column: Grouping) -> PerCustomer:
    """Return the divergence of each list's mix from the history's, float64 [J]; NaN without a mix to follow.

    Steck 2018, https://doi.org/10.1145/3240323.3240372.
    """
    found = np.full(len(lists), np.nan)
    for row, items in enumerate(lists):
        own = slice(history.offsets[row], history.offsets[row + 1])
        mix = mix_of(column.of(history.items[own]), history.strengths[own])
        shown = items[items > 0]
        if mix.any() and len(shown):
            found[row] = divergence(mix, mix_of(column.of(shown), np.ones(len(shown), np.float32)))
    return found


def coverage(lists: Lists, items: int) -> float:
    """Return the share of `items` that stand in any list."""
    return len(np.unique(lists[lists > 0])) / max(items, 1)


def gini(lists: Lists, items: int) -> float:
    """Return the Gini index of how often each of `items` is shown: 0 if all alike, towards 1 if always the same few."""
    counts = np.sort(np.bincount(lists[lists > 0], minlength=items + 1)[1:])
    total = counts.sum()
    if not total:
        return 0.0
    weights = 2 * np.arange(1, items + 1) - items - 1
    return float((weights * counts).sum() / (items * total))


@compiled
def _squares(rows: Rows) -> tuple[float, float]:
    """Return the square of the sum of the rows, and the sum of their squares."""
    total, whole, own = np.zeros(rows.width), 0.0, 0.0
    for entry in range(len(rows.traits)):
        total[rows.traits[entry]] += rows.weights[entry]
        own += rows.weights[entry] * rows.weights[entry]
    for value in total:
        whole += value * value
    return whole, own


@compiled
def _nearest(rows: Rows, history: Rows) -> NDArray[np.float32]:
    """Return each row's likeness to the nearest of the history's."""
    nearest, found = np.zeros(len(rows.offsets) - 1, np.float32), np.empty(len(rows.offsets) - 1, np.float32)
    spread = np.zeros(rows.width, np.float32)
    for event in range(len(history.offsets) - 1):
        for entry in range(history.offsets[event], history.offsets[event + 1]):
            spread[history.traits[entry]] = history.weights[entry]
        fill_products(rows, spread, found)
        for entry in range(history.offsets[event], history.offsets[event + 1]):
            spread[history.traits[entry]] = np.float32(0)
        for place in range(len(found)):
            nearest[place] = max(nearest[place], found[place])
    return nearest
