"""Measure all variants of one log and seed; what has been measured on the very same lists is left as it is."""

from typing import Any

from shortlist_training.benchmark.ablations.figures import full_figures, variant_figures
from shortlist_training.benchmark.ablations.files import FULL, SOURCES
from shortlist_training.benchmark.ablations.material import Material
from shortlist_training.benchmark.ablations.sources import source_figures
from shortlist_training.benchmark.ablations.variants import Variant, variants
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.config.run import RunConfig
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress


def measure_all(log: Log, config: RunConfig, kept: SeedFolder, progress: Progress) -> dict[str, Any]:
    """Fit the first pair, then the scorer again for each variant, and keep the customers' figures of each.

    Returns:
        What the figures do not say themselves: length of the lists, split, depths, and the variants.

    Raises:
        DataError: The log is too small.
    """
    material = Material.of(log, config, progress)
    kept.begin(material.fingerprint())
    kept.write(FULL, full_figures(material))
    kept.write(SOURCES, source_figures(material, progress))
    wanted = variants(material.dataset, config, material.retriever.signals)
    for number, variant in enumerate(wanted, 1):
        _measure(variant, material, kept, progress, f"[{number}/{len(wanted)}] {variant.key}")
    return {
        "seed": config.seed,
        "k": material.k,
        "budget": config.scorer.budget,
        "split": {"kind": material.plan.kind.value, "reason": material.plan.reason},
        "sources": list(material.retriever.signals.sources),
        "depths": {
            "all" if allowed else "new": dict(depths) for allowed, depths in material.pair.depths.items()
        },
        "variants": [{"key": one.key, "kind": one.kind.value, "name": one.name} for one in wanted],
    }  # fmt: skip


def _measure(variant: Variant, material: Material, kept: SeedFolder, progress: Progress, label: str) -> None:
    if kept.has(variant.key):
        progress.say(f"{label}: is there")
        return
    progress.say(label)
    kept.write(variant.key, variant_figures(variant, material, progress))
