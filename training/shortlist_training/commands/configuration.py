"""The configuration of a command: the file, then what the command line says."""

from dataclasses import replace
from pathlib import Path

from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import read_config
from shortlist_training.log import find_config


def configured(
    folder: Path,
    file: Path | None,
    *,
    seed: int | None = None,
    budget: float | None = None,
    deterministic: bool | None = None,
) -> RunConfig:
    """Return the configuration of a run.

    Args:
        folder: of the data; its `shortlist.toml` is read unless a file is given.
        file: to read instead.
        seed: overrides the file's unless None.
        budget: minutes; overrides the file's unless None.
        deterministic: overrides the file's unless None.

    Raises:
        ConfigError: The file says something that cannot be meant.
    """
    found = file or find_config(folder)
    config = read_config(found) if found else RunConfig()
    given = {"seed": seed, "budget_minutes": budget, "deterministic": deterministic}
    return replace(config, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
