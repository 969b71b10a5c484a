"""How popular to take an item for that nobody has taken: as popular as its features make those that were taken."""

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.item_side.tower import BiasLine
from shortlist_bundle.towers.layers import Float

PENALTIES = 10.0 ** np.arange(-2, 5)
ENOUGH = 20_000
"""So many items tell what features make of an item's bias; of more, every second, third... is asked."""


def with_unknown_items(bias: Float, features: Float, known: NDArray[np.bool_], *, shift: float | None) -> Float:
    """Return the biases with those of unknown items filled in, float32 [N + 1].

    An item that was taken has learnt how popular it is; one that was not has learnt nothing, or, were it counted among
    what was passed over, that nobody wants it. So its bias is predicted from its features by ridge regression over the
    known items (Hoerl and Kennard 1970, https://doi.org/10.1080/00401706.1970.10488634), with the penalty of the least
    error when each item is left out; where features tell nothing, that is the mean. Then comes the shift, for how much
    new items are taken is a matter of the log. An item without any feature stands where the least popular stands: there
    is nothing to match it by, and it would be the same for everyone.

    Args:
        bias: float32 [N + 1], as learnt; row 0 is nobody.
        features: float32 [N + 1, D], what the features contribute to each item's vector.
        known: bool [N + 1], which items were taken.
        shift: of unknown items; None while it is not known: then all of them stand where the least popular stands.
    """
    known = known.copy()
    known[0] = False
    if not known.any() or known[1:].all():
        return bias
    filled = np.where(known, bias, bias[known].min()).astype(np.float32)
    described = unknown_items(features, known)
    if shift is not None and described.any():
        filled[described] = fit_bias(bias, features, known)(features[described]) + shift
    return filled


def unknown_items(features: Float, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which items nobody has taken, and are described, bool [N + 1]."""
    described: NDArray[np.bool_] = ~known & features.any(axis=1)
    described[0] = False
    return described


def fit_bias(bias: Float, features: Float, known: NDArray[np.bool_]) -> BiasLine:
    """Return what features make of a bias, fitted to the items that were taken, of which there is at least one.

    Args:
        bias: float32 [N + 1], as learnt.
        features: float32 [N + 1, D], what the features contribute to each item's vector.
        known: bool [N + 1], which items were taken; row 0 is none.
    """
    from sklearn.linear_model import RidgeCV

    rows = np.flatnonzero(known)
    teachers = rows[:: -(-len(rows) // ENOUGH)]
    low, high = float(bias[teachers].min()), float(bias[teachers].max())
    if len(teachers) == 1:
        return BiasLine(weights=np.zeros(features.shape[1]), intercept=low, low=low, high=high)
    # Doubles: the penalty is chosen by differences of errors.
    model = RidgeCV(PENALTIES).fit(features[teachers].astype(np.float64), bias[teachers].astype(np.float64))
    # A line goes on beyond what was seen; no item is taken to be more popular than all, or less.
    return BiasLine(weights=np.asarray(model.coef_, np.float64), intercept=float(model.intercept_), low=low, high=high)
