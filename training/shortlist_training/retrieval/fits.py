"""The counting sources whose fit itself has a setting: fitted with each, for the best to be chosen, or with one."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.source import Source
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.linear import PENALTIES, fit_linear
from shortlist_training.retrieval.retriever import source_names
from shortlist_training.retrieval.successors import SHAPES, Shape, find_successors


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """What these sources are fitted with.

    Attributes:
        shape: of `sequence`.
        penalty: of `linear`.
    """

    shape: Shape = SHAPES[0]
    penalty: float = PENALTIES[0]

    def to_json(self) -> dict[str, Any]:
        """Return the settings by source, as plain JSON."""
        return {"sequence": asdict(self.shape), "linear": {"penalty": self.penalty}}


def fit_each(dataset: Dataset, limits: NDArray[np.int64], config: RunConfig) -> dict[str, tuple[Source, ...]]:
    """Return every fit of the sources that the log has, in the order of `SHAPES` and `PENALTIES`."""
    fits: dict[str, tuple[Source, ...]] = {}
    names = source_names(dataset, config)
    if "sequence" in names:
        fits["sequence"] = tuple(find_successors(dataset, limits, config.sources, shape) for shape in SHAPES)
    if "linear" in names:
        fits["linear"] = fit_linear(dataset, limits, config.sources, penalties=PENALTIES)
    return fits


def fit_one(dataset: Dataset, limits: NDArray[np.int64], config: RunConfig, settings: FitSettings) -> dict[str, Source]:
    """Return one fit of the same sources."""
    fits: dict[str, Source] = {}
    names = source_names(dataset, config)
    if "sequence" in names:
        fits["sequence"] = find_successors(dataset, limits, config.sources, settings.shape)
    if "linear" in names:
        (fits["linear"],) = fit_linear(dataset, limits, config.sources, penalties=[settings.penalty])
    return fits
