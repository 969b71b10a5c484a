"""Find where items that nobody has taken are to stand: how many of the lists' places they are to have."""

from dataclasses import dataclass

import numpy as np

from shortlist_bundle.towers.layers import Float
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.stages.tuning_window import TuningWindow, by_tower

LEAST_SHARE = 0.02
"""Of the places, for described items that nobody has taken: never seen, they would never be taken."""
PARTS = (0.25, 0.5, 1.0)
"""Of their share of what was taken: shares of the places that are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownItems:
    """How items that nobody has taken fare in the tuning window.

    Attributes:
        items: how many are described.
        taken: share of what was taken in the window that was among these.
        placed: share of the places that they would get, were each as popular as its features say.
        share: of the places that they get.
        shift: of their scores, for that.
    """

    items: int
    taken: float
    placed: float
    share: float
    shift: float

    def to_json(self) -> dict[str, float]:
        """Return the same as plain JSON."""
        return {
            "items": self.items,
            "taken": round(self.taken, 6),
            "placed": round(self.placed, 6),
            "share": round(self.share, 6),
            "shift": round(self.shift, 6),
        }


def place_unknown_items(model: TwoTower, tuning: TuningWindow) -> UnknownItems | None:
    """Settle where a two-tower ranks described items that nobody has taken; None where there are none.

    With few takings they keep what their features say, up to 2 % of the places. Else they have as large a share of them
    as lists are best with on the window, up to their share of what was taken: a log of news takes mostly what is new,
    while a shop's new goods may be many, and each of them seldom wanted.
    """
    model.unknown_shift = 0.0
    unknown = model.unknown_items()
    if not unknown.any() or not len(tuning.targets.rows):
        return None
    thresholds = _thresholds(model, tuning)
    taken = float(unknown[tuning.targets.keys % tuning.targets.width].mean())
    placed = float((thresholds < 0).mean())
    least = min(placed, LEAST_SHARE)
    shares = [least, *(taken * part for part in PARTS if taken * part > least)]
    shifts = [0.0 if share == placed else _shift(thresholds, share) for share in shares]
    figures = [_figure(model, tuning, shift) for shift in shifts] if len(shifts) > 1 else [0.0]
    best = int(np.argmax(figures))
    model.unknown_shift = shifts[best]
    return UnknownItems(items=int(unknown.sum()), taken=taken, placed=placed, share=shares[best], shift=shifts[best])


def _figure(model: TwoTower, tuning: TuningWindow, shift: float) -> float:
    model.unknown_shift = shift
    return tuning.measure(model.item_vectors(), by_tower(model.export_customers()))


def _thresholds(model: TwoTower, tuning: TuningWindow) -> Float:
    """Return by how much unknown items must rise to get one place, two places... of each list, float32 [J, depth].

    The n-th best unknown item is in a list of k when it stands above the (k - n + 1)-th best of the others.
    """
    vectors, unknown, encode = model.item_vectors(), model.unknown_items(), by_tower(model.export_customers())
    _, others = tuning.best(vectors, encode, among=~unknown)
    _, new = tuning.best(vectors, encode, among=unknown)
    # An unknown item that is not there never gets a place; one beside too few others always does.
    return np.where(np.isneginf(new), np.inf, others[:, ::-1] - np.where(np.isneginf(new), 0, new)).astype(np.float32)


def _shift(thresholds: Float, share: float) -> float:
    """Return the shift at which so large a share of the places is theirs, or as large a one as there are items for."""
    reachable = np.sort(thresholds[np.isfinite(thresholds)])
    if not len(reachable):
        return 0.0
    always = np.isneginf(thresholds).sum()
    place = round(share * thresholds.size) - int(always)
    return float(reachable[np.clip(place, 0, len(reachable) - 1)])
