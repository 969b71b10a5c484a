"""The bundle that a training goes on from, opened by the reader that serving uses: verified, and without pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortlist_bundle import columns as names
from shortlist_bundle.engine import Engine
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_bundle.files import open_bundle
from shortlist_bundle.item_side.encoding import ItemSide
from shortlist_bundle.model import Model
from shortlist_bundle.packing import unpack_model
from shortlist_training.errors import WarmStartError
from shortlist_training.origin.chosen import Chosen, read_chosen
from shortlist_training.origin.lineage import DOCUMENT, Lineage, lineage_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a training goes on from.

    Attributes:
        bundle_id: of the bundle.
        model: as it serves.
        config: the sections of the configuration that it was trained with.
        chosen: what its training chose; None in a bundle that only predicts ratings.
        lineage: of the bundle that is to come.
    """

    bundle_id: str
    model: Model
    config: Mapping[str, Any]
    chosen: Chosen | None
    lineage: Lineage

    @property
    def specs(self) -> Mapping[str, FeatureSpec]:
        """How its features are encoded, by table of the log."""
        model = self.model
        context = {names.INTERACTIONS: model.context_encoder.spec} if model.context_encoder else {}
        return {names.CUSTOMERS: model.customer_encoder.spec, names.ITEMS: model.item_encoder.spec, **context}


@dataclass(frozen=True, slots=True)
class Pair:
    """The parts of an origin that rank.

    Attributes:
        engine: retriever and scorer.
        side: the items' side of its models.
        chosen: what its training chose.
    """

    engine: Engine
    side: ItemSide
    chosen: Chosen


def ranking_pair(origin: Origin) -> Pair:
    """Return what ranks.

    Raises:
        WarmStartError: The bundle only predicts ratings, or is of a release that kept too little.
    """
    model = origin.model
    if model.engine is None or origin.chosen is None:
        raise WarmStartError(
            f"bundle {origin.bundle_id} only predicts ratings, and this log asks for lists too. Train from scratch"
        )
    if model.item_side is None or model.item_side.tower is None:
        raise WarmStartError(
            f"bundle {origin.bundle_id} does not hold what encodes items: it was written by an older release. Train "
            "from scratch once"
        )
    return Pair(model.engine, model.item_side, origin.chosen)


def open_origin(named: str, bundles: Path, model: str) -> Origin:
    """Open the bundle that `--warm-start` names.

    Args:
        named: a version or an alias of `model` in `bundles`; or, with a slash in it, the folder of a version, whose
            last part may be an alias too: BUNDLES/MODEL/VERSION.
        bundles: folder of bundles.
        model: name of the model.

    Raises:
        BundleError: There is no such bundle, or it cannot be read; a damaged file is named.
        WarmStartError: It does not say what a training needs to go on.
    """
    place = Path(named)
    if len(place.parts) > 1:
        bundles, model, named = place.parent.parent, place.parent.name, place.name
    opened = open_bundle(bundles, model, named)
    unpacked = unpack_model(opened)
    config: Any = opened.document("config")
    return Origin(
        bundle_id=opened.ref.bundle_id,
        model=unpacked,
        config=config if isinstance(config, Mapping) else {},
        chosen=read_chosen(unpacked.figures) if unpacked.engine else None,
        lineage=lineage_after(opened.ref.bundle_id, opened.document_parts.get(DOCUMENT)),
    )
