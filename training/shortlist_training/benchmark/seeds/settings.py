"""The configuration that a task is trained with, and the digest by which results of another are told apart."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import config_to_json, read_config
from shortlist_training.log import find_config

DIGITS = 16


def settings_of(data: Path, seed: int) -> RunConfig:
    """Return the configuration of a data folder, which is the default where it has no file, with a seed.

    Raises:
        ConfigError: The file says something that cannot be meant.
    """
    found = find_config(data)
    return replace(read_config(found) if found else RunConfig(), seed=seed)


def unusual_settings(data: Path) -> dict[str, Any]:
    """Return what a data folder's configuration says otherwise than the defaults: section.field -> value.

    Raises:
        ConfigError: The file says something that cannot be meant.
    """
    usual = config_to_json(RunConfig())
    return {
        f"{section}.{field}" if isinstance(fields, dict) else section: value
        for section, fields in config_to_json(settings_of(data, RunConfig().seed)).items()
        for field, value in (fields if isinstance(fields, dict) else {"": fields}).items()
        if value != (usual[section][field] if isinstance(fields, dict) else usual[section])
    }


def digest_of(task: BenchmarkTask, seed: int) -> str:
    """Return a digest of everything that figures depend on: the task, and its configuration with the seed."""
    document = json.dumps([task.digest, config_to_json(settings_of(task.data, seed))], sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:DIGITS]
