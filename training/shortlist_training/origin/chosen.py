"""What a training found out by trying, read back from its bundle's figures: the next one need not try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_bundle.errors import shown
from shortlist_bundle.sources.shape import Shape
from shortlist_training.errors import WarmStartError
from shortlist_training.retrieval.autoencoder import WIDEST, Norms
from shortlist_training.retrieval.fits import FitSettings
from shortlist_training.split.plan import SplitKind

LEAST_SQUARES = "least_squares"
UnknownFigures = Mapping[str, Any]
"""Of items that nobody has taken, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """How the embedding model in closed form was fitted; see `Spectrum.autoencoder`.

    Attributes:
        norms: of the log.
        width, penalty, length, fade: of the autoencoder.
        figure: nDCG on the window that they were tuned on.
    """

    norms: Norms
    width: int
    penalty: float
    length: int
    fade: float
    figure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the figures of a bundle say that was chosen.

    Attributes:
        split: how the log was cut: "time", "last" or "random".
        settings: of the counting sources whose fit has one.
        axes: of the embedding model; None where it was trained step by step.
        unknown_items: how items that nobody has taken fared; None where nobody has looked.
        indexes: space -> what its index is called, its search settings, and what it finds.
    """

    split: str
    settings: FitSettings
    axes: Axes | None
    unknown_items: UnknownFigures | None
    indexes: Mapping[str, Mapping[str, Any]]


def read_chosen(figures: Mapping[str, Any]) -> Chosen:
    """Read what was chosen.

    Raises:
        WarmStartError: The figures lack something, as those of an older release may, or say what cannot be.
    """
    try:
        fits = figures["ranking"]["fits"]
        sequence, embedding = fits["sequence"], fits["embedding"]
        return Chosen(
            split=SplitKind(figures["split"]["kind"]).value,
            settings=FitSettings(
                shape=Shape(
                    reach=int(_within(sequence, "reach", 1, 1000)),
                    gap=_within(sequence, "gap", 0, 1),
                    back=_within(sequence, "back", 0, 1),
                ),
                penalty=_within(fits["linear"], "penalty", 0, 1e6),
            ),
            axes=_axes(embedding) if embedding["objective"] == LEAST_SQUARES else None,
            unknown_items=_unknown_items(fits["two_tower"].get("unknown_items")),
            indexes={name: one for name, one in figures.get("index", {}).items() if isinstance(one, Mapping)},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WarmStartError(
            f"the bundle's metrics do not say what its training chose ({type(error).__name__}: {error}): it was "
            "written by an older release. Train from scratch once"
        ) from None


def _axes(document: Mapping[str, Any]) -> Axes:
    return Axes(
        norms=Norms(customers=_within(document, "customer_norm", 0, 2), items=_within(document, "item_norm", 0, 2)),
        width=int(_within(document, "width", 1, WIDEST)),
        penalty=_within(document, "penalty", 0, 1e6),
        length=int(_within(document, "length", 1, 1e6)),
        fade=_within(document, "fade", 0, 1),
        figure=_within(document, "tuning", -1, 1),
    )


def _unknown_items(document: Mapping[str, Any] | None) -> UnknownFigures | None:
    if document is None:
        return None
    return {
        "items": int(_within(document, "items", 0, 2**31)),
        **{name: _within(document, name, 0, 1) for name in ("taken", "placed", "share")},
        "shift": _within(document, "shift", -1e6, 1e6),
    }


def _within(document: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """Return a number that lies where it must: it says how long a loop runs, or how wide a table is."""
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} is {shown(value)}")
    return float(value)
