"""Tables and kernels of a bundle, laid out anew for the rows and codes of a grown log."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.bags import UNSEEN
from shortlist_bundle.towers.layers import Float
from shortlist_training.errors import WarmStartError
from shortlist_training.models.feature_layers import FeatureTables


def carried_table(table: Float, rows: NDArray[np.int32]) -> Float:
    """Return a table by the new log's rows; a row that the bundle does not know is zero, and so is row 0.

    Args:
        table: float32 [bundle's rows, ...].
        rows: int32 [new rows], where each stood, 0 for nowhere.
    """
    carried = np.array(table[rows], np.float32)
    carried[rows == 0] = 0
    return carried


def put(variable: Any, value: NDArray[Any], what: str) -> None:
    """Set a variable of a Keras model.

    Raises:
        WarmStartError: The value has another shape, or is not finite; `what` says which part of the bundle it is.
    """
    if tuple(variable.shape) != value.shape:
        raise WarmStartError(
            f"the bundle's {what} is of the shape {list(value.shape)}, and this configuration and log need "
            f"{list(variable.shape)}. Train from scratch"
        )
    if not np.isfinite(value).all():
        raise WarmStartError(f"the bundle's {what} holds numbers that are not finite")
    variable.assign(value)


def put_tables(layer: FeatureTables, tables: Mapping[str, Float], what: str) -> None:
    """Set the embeddings of feature values; a new value starts as the unseen ones, which it was one of until now.

    Raises:
        WarmStartError: A column is missing, or its embeddings have another width.
    """
    for name, variable in layer.tables.items():
        if name not in tables:
            raise WarmStartError(f"the bundle's {what} has no embeddings of the column '{name}'. Train from scratch")
        known = tables[name]
        new = np.repeat(known[UNSEEN : UNSEEN + 1], max(int(variable.shape[0]) - len(known), 0), axis=0)
        put(variable, np.concatenate([known, new]), f"{what}, embeddings of '{name}'")
