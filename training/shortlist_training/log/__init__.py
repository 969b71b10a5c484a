"""From the files of the data contract to a clean, understood log, with a data report."""

from shortlist_training.log.config import DataConfig, find_config, parse_data_config, read_data_config
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.location import LogPaths
from shortlist_training.log.log import Log
from shortlist_training.log.reading import read_log
from shortlist_training.log.report import DataReport

__all__ = [
    "DataConfig",
    "DataReport",
    "FeedbackKind",
    "Log",
    "LogPaths",
    "find_config",
    "parse_data_config",
    "read_data_config",
    "read_log",
]
