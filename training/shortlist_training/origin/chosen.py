"""What a training found out by trying, read back from its bundle's figures: the next one need not try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_training.errors import WarmStartError
from shortlist_training.retrieval.autoencoder import Norms
from shortlist_training.retrieval.fits import FitSettings
from shortlist_training.retrieval.successors import Shape

LEAST_SQUARES = "least_squares"


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
    unknown_items: Mapping[str, Any] | None
    indexes: Mapping[str, Mapping[str, Any]]


def read_chosen(figures: Mapping[str, Any]) -> Chosen:
    """Read what was chosen.

    Raises:
        WarmStartError: The figures lack something, as those of an older release may; it is named.
    """
    try:
        fits = figures["ranking"]["fits"]
        sequence, embedding = fits["sequence"], fits["embedding"]
        return Chosen(
            split=str(figures["split"]["kind"]),
            settings=FitSettings(
                shape=Shape(reach=int(sequence["reach"]), gap=float(sequence["gap"]), back=float(sequence["back"])),
                penalty=float(fits["linear"]["penalty"]),
            ),
            axes=_axes(embedding) if embedding["objective"] == LEAST_SQUARES else None,
            unknown_items=fits["two_tower"].get("unknown_items"),
            indexes=figures.get("index", {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WarmStartError(
            f"the bundle's metrics do not say what its training chose ({type(error).__name__}: {error}): it was "
            "written by an older release. Train from scratch once"
        ) from None


def _axes(document: Mapping[str, Any]) -> Axes:
    return Axes(
        norms=Norms(customers=float(document["customer_norm"]), items=float(document["item_norm"])),
        width=int(document["width"]),
        penalty=float(document["penalty"]),
        length=int(document["length"]),
        fade=float(document["fade"]),
        figure=float(document["tuning"]),
    )
