from pathlib import Path

import pytest

from shortlist_training import errors
from shortlist_training.errors import ConfigError, DataError, FetchError, TrainingError
from shortlist_training.suggestion import did_you_mean, nearest


def test_the_message_of_a_data_error_says_where_what_and_what_to_do() -> None:
    error = DataError("'x' is not a number", file="log.csv", column="rating", row=1234, remedy="Correct it")

    assert str(error) == "log.csv, column 'rating', row 1,234: 'x' is not a number. Correct it"
    assert (error.file, error.column, error.row) == (Path("log.csv"), "rating", 1234)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "wrong"),
        ({"file": "log.csv"}, "log.csv: wrong"),
        ({"file": "log.csv", "row": 3}, "log.csv, row 3: wrong"),
        ({"column": ""}, "column '': wrong"),
    ],
)
def test_unknown_parts_of_the_place_are_left_out(place: dict[str, object], text: str) -> None:
    assert str(DataError("wrong", **place)) == text  # type: ignore[arg-type]


def test_every_error_is_for_the_user_and_stands_in_the_tree() -> None:
    assert errors.__doc__ is not None
    for kind in (ConfigError, DataError, FetchError):
        assert issubclass(kind, TrainingError)
        assert kind.user_message is True
        assert kind.__name__ in errors.__doc__


def test_suggestions() -> None:
    assert nearest("repeat", ["feedback", "repeats"]) == "repeats"
    assert nearest("Customer_ID", ["customer_id"]) == "customer_id"
    assert nearest("zzz", ["feedback"]) is None
    assert did_you_mean("repeat", ["feedback", "repeats"]) == "Did you mean 'repeats'?"
    assert did_you_mean("zzz", ["a", "b"]) == "Known: a, b."
