"""The counting sources whose fit itself has a setting: fitted with each, for the best to be chosen, or with one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.source import Source
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.linear import PENALTIES, fit_linear
from shortlist_training.retrieval.retriever import source_names
from shortlist_training.retrieval.successors import SHAPES, find_successors


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


def fit_each(
    dataset: Dataset,
    limits: NDArray[np.int64],
    config: RunConfig,
    *,
    shapes: Sequence[Shape] = SHAPES,
    penalties: Sequence[float] = PENALTIES,
) -> dict[str, tuple[Source, ...]]:
    """Return the sources that the log has, each fitted with every setting, in the order given."""
    fits: dict[str, tuple[Source, ...]] = {}
    names = source_names(dataset, config)
    if "sequence" in names:
        fits["sequence"] = tuple(find_successors(dataset, limits, config.sources, shape) for shape in shapes)
    if "linear" in names:
        fits["linear"] = fit_linear(dataset, limits, config.sources, penalties=penalties)
    return fits


def fit_one(dataset: Dataset, limits: NDArray[np.int64], config: RunConfig, settings: FitSettings) -> dict[str, Source]:
    """Return the same sources, each fitted with the one setting chosen for it."""
    fits = fit_each(dataset, limits, config, shapes=[settings.shape], penalties=[settings.penalty])
    return {name: only for name, (only,) in fits.items()}
