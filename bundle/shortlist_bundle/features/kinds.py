"""What a feature column holds."""

from enum import Enum


class ColumnKind(Enum):
    """The kinds of feature columns; the values are the words used in the TOML file and in the manifest."""

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"
    CATEGORIES = "categories"
    TEXT = "text"
    TIME = "time"
