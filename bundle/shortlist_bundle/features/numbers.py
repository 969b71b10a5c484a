"""Columns of numbers, flags and times -> standardised numbers, each beside a flag that says it is missing."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features import values
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import NumberFit
from shortlist_bundle.features.values import RawColumn

CLIP = 5.0
"""In scales from the mean; further out nothing was learnt."""

_READ: dict[ColumnKind, Callable[[str, object], float | None]] = {
    ColumnKind.NUMBER: values.number,
    ColumnKind.FLAG: values.flag,
    ColumnKind.TIME: values.seconds,
}
_PLAIN = {float, int, type(None)}
_FEW = 16
"""Below this many rows reading value by value beats building an array, and a request has one row."""


def raw_numbers(column: str, kind: ColumnKind, raw: RawColumn) -> NDArray[np.float64]:
    """Return a column as float64 [B], NaN where missing; times in seconds since 1970, flags 0 or 1.

    Raises:
        FeatureError: A value is not of the kind, or infinite; the message shows it.
    """
    if len(raw) >= _FEW and kind is not ColumnKind.FLAG:
        fast = _plain_numbers(raw)
        if fast is not None and not np.isinf(fast).any():
            return fast
    read = _READ[kind]
    found = (read(column, value) for value in raw)
    return np.fromiter((np.nan if value is None else value for value in found), dtype=np.float64, count=len(raw))


def scaling(fits: Sequence[NumberFit]) -> NDArray[np.float64]:
    """Return what was learnt about C columns as one block, float64 [4, C]: low, high, mean and scale."""
    return np.array([(fit.low, fit.high, fit.mean, fit.scale) for fit in fits], dtype=np.float64).reshape(-1, 4).T


def standardise(raw: NDArray[np.float64], scaling: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return float32 [B, 2 C]: per column the number in scales from the mean, in [-5, 5], and the missing flag.

    Args:
        raw: [B, C], NaN where missing; such numbers become 0 with the flag 1.
        scaling: [4, C], of the function of that name.
    """
    low, high, mean, scale = scaling
    missing = np.isnan(raw)
    # Parameters near the ends of float64 overflow to infinity, which the outer clip brings back.
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.clip((np.clip(raw, low, high) - mean) / scale, -CLIP, CLIP)
        pairs = np.stack([np.where(missing, 0.0, scaled), missing], axis=2).astype(np.float32)
    return pairs.reshape(len(raw), 2 * raw.shape[1])


def _plain_numbers(raw: RawColumn) -> NDArray[np.float64] | None:
    """Convert at C speed a column that holds nothing but numbers and None; give up on any other."""
    if isinstance(raw, np.ndarray):
        return raw.astype(np.float64) if raw.dtype.kind in "fiu" else None
    if not set(map(type, raw)) <= _PLAIN:
        return None
    try:
        return np.array(raw, dtype=np.float64)
    except OverflowError:  # an integer beyond float64: the slow way finds it and names it
        return None
