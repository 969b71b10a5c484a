"""What the names of columns must be."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shortlist_training.errors import DataError
from shortlist_training.suggestion import nearest

_OTHER_NAMES = {
    "customer_id": ("user_id", "userid", "user", "customer", "member_id", "visitor_id", "household_id", "account_id"),
    "item_id": ("product_id", "productid", "movie_id", "movieid", "article_id", "sku", "product", "item", "track_id"),
}
"""What the field's public data sets call the required columns."""


def check_names(file: Path, names: Sequence[str]) -> None:
    """Refuse a name that stands twice, or no name at all.

    Raises:
        DataError: Naming the column.
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise DataError(f"{count} columns have this name", file=file, column=name, remedy="Rename or remove one")
        if not name.strip():
            raise DataError(f"column {names.index(name) + 1} has no name", file=file, remedy="Name or remove it")


def check_required(file: Path, names: Sequence[str], required: Sequence[str]) -> None:
    """Refuse a table without one of its required columns.

    Raises:
        DataError: Naming the column, those that exist, and the one that was probably meant.
    """
    for column in required:
        if column not in names:
            guess = _guess(column, names)
            remedy = f"Rename '{guess}' to '{column}'" if guess else "Add it"
            raise DataError(
                f"the column is missing; there are {', '.join(names)}", file=file, column=column, remedy=remedy
            )


def _guess(column: str, names: Sequence[str]) -> str | None:
    by_habit = [name for name in names if name.lower() in _OTHER_NAMES.get(column, ())]
    return by_habit[0] if by_habit else nearest(column, names)
