"""Writing an invented setting as a folder of the data contract."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from shortlist_training.log.config import CONFIG_FILE
from shortlist_training.log.writing import write_log
from shortlist_training.synth.catalogue import make_catalogue
from shortlist_training.synth.goals import make_goals
from shortlist_training.synth.ratings import make_ratings
from shortlist_training.synth.setting import RatingsKind, Setting
from shortlist_training.synth.shop import make_shop

SETTINGS: Mapping[str, Callable[[RatingsKind, np.random.Generator], Setting]] = {
    "ratings": make_ratings,
    "catalogue": make_catalogue,
    "goals": make_goals,
    "shop": make_shop,
}


def make_setting(name: str, *, kind: RatingsKind = RatingsKind.NOISE, seed: int = 42) -> Setting:
    """Make one of `SETTINGS`; the same seed makes the same tables."""
    return SETTINGS[name](kind, np.random.default_rng(seed))


def write_setting(name: str, folder: Path, *, kind: RatingsKind = RatingsKind.NOISE, seed: int = 42) -> None:
    """Make a setting and write it, with its `shortlist.toml`; what tests check answers with goes into `new/`.

    Raises:
        OutputError: The folder holds something already.
    """
    setting = make_setting(name, kind=kind, seed=seed)
    write_log(folder, setting.tables, texts={CONFIG_FILE: setting.config})
