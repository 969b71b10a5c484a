"""Small invented settings, reproducible by seed, with and without a right answer."""

from shortlist_training.synth.setting import NEW_CUSTOMERS, TRUTH, RatingsKind, Setting
from shortlist_training.synth.writing import SETTINGS, make_setting, write_setting

__all__ = ["NEW_CUSTOMERS", "SETTINGS", "TRUTH", "RatingsKind", "Setting", "make_setting", "write_setting"]
