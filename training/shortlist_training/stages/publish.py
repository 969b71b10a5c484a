"""Ask the golden questions, and write the bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shortlist_bundle.files import BundleContents, BundleRef, promote, write_bundle
from shortlist_bundle.golden import ask
from shortlist_bundle.model import Model
from shortlist_bundle.packing import pack_model
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import config_to_json
from shortlist_training.origin.lineage import DOCUMENT, Lineage


def publish(
    model: Model,
    config: RunConfig,
    bundles: Path,
    *,
    name: str,
    alias: str,
    report: Mapping[str, Any],
    lineage: Lineage | None = None,
) -> BundleRef:
    """Write the bundle, and point the alias to it.

    Args:
        model: everything to publish.
        config: the run's, stored with it.
        bundles: folder of bundles.
        name: of the model.
        alias: to move to the new version.
        report: what does not determine answers: timings, the machine, figures of other fits.
        lineage: the bundles that it went on from; None for one that was trained from scratch.
    """
    parts = pack_model(model)
    golden = ask(model)
    line = {DOCUMENT: lineage.to_json()} if lineage else {}
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays},
        documents={**parts.documents, "config": config_to_json(config), **line},
        blobs=parts.blobs,
        report=dict(report),
    )
    ref = write_bundle(bundles, name, contents)
    promote(bundles, name, ref.version, alias=alias)
    return ref
