"""Measure both cold starts of one log and seed; what has been measured is left as it is."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import polars as pl

from shortlist_training.benchmark.cold_start.customers import customer_figures
from shortlist_training.benchmark.cold_start.holding_out import SHARE, WholeLog
from shortlist_training.benchmark.cold_start.items import item_figures
from shortlist_training.benchmark.seeds.folder import SeedFolder
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import config_to_json
from shortlist_training.errors import DataError
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress

KIND = "cold-start"
PARTS: dict[str, Callable[[WholeLog, Progress], pl.DataFrame]] = {"customers": customer_figures, "items": item_figures}


def measure(log: Log, config: RunConfig, kept: SeedFolder, progress: Progress) -> dict[str, Any]:
    """Train without some customers, and again without some items, and keep what each gets.

    Returns:
        What the figures do not say themselves: the split, what was held out, and why a part could not be measured.

    Raises:
        DataError: The log holds ratings alone.
    """
    whole = WholeLog.of(log, config)
    kept.begin(_fingerprint(log, config))
    missing = {}
    for part, figures in PARTS.items():
        progress.say(f"{part}: {'is there' if kept.has(part) else 'training without some'}")
        try:
            if not kept.has(part):
                kept.write(part, figures(whole, progress))
        except DataError as problem:
            missing[part] = str(problem)
    return {
        "seed": config.seed,
        "split": {"kind": whole.plan.kind.value, "reason": whole.plan.reason},
        "share": SHARE,
        "held_out": {"customers": int(whole.some_customers().sum()), "items": int(whole.some_items().sum())},
        "missing": missing,
    }


def _fingerprint(log: Log, config: RunConfig) -> str:
    said = [len(log.interactions), int(log.interactions.hash_rows().sum()), config_to_json(config)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
