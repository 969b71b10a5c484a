"""Short texts by which a study knows the data and the configuration that it was made for."""

import hashlib
import json
from typing import Any

import numpy as np
from optuna.distributions import distribution_to_json

from shortlist_training.config.toml import config_to_json
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.study.space import Space

LENGTH = 16


def data_fingerprint(dataset: Dataset) -> str:
    """Return the fingerprint of a log as it was understood: ids, events and features."""
    events = dataset.events
    arrays: dict[str, Any] = {
        **{f"customers/{name}": array for name, array in dataset.customers.to_arrays().items()},
        **{f"items/{name}": array for name, array in dataset.items.to_arrays().items()},
        **{f"events/{name}": getattr(events, name) for name in ("offsets", "items", "times", "values")},
        **dataset.customer_features.to_arrays("customer-features/"),
        **dataset.item_features.to_arrays("item-features/"),
        "steps": dataset.steps,
        "flags": np.array([dataset.has_times, dataset.repeats]),
    }
    if dataset.context_features is not None:
        arrays |= dataset.context_features.to_arrays("context/")
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:LENGTH]


def fingerprints(dataset: Dataset, space: Space) -> dict[str, str]:
    """Return what a study must share with a search that goes on with it: data, configuration, settings searched."""
    distributions = {place: distribution_to_json(entry) for place, entry in space.distributions.items()}
    return {
        "data": data_fingerprint(dataset),
        "configuration": _hashed(config_to_json(space.base)),
        "space": _hashed(distributions),
    }


def _hashed(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:LENGTH]
