from pathlib import Path

import pytest

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.errors import ConfigError
from shortlist_training.log.config import DataConfig, find_config, parse_data_config, read_data_config
from shortlist_training.log.feedback import FeedbackKind

EVERYTHING = """
[data]
feedback = "both"
repeats = true
rating_scale = [1, 5]

[data.events]
view = 0.2
purchase = 1.0
refund = -1

[data.columns.items]
price = "number"
notes = "ignore"

[ratings]
model = "embedding"
"""


def test_every_setting(tmp_path: Path) -> None:
    path = tmp_path / "shortlist.toml"
    path.write_text(EVERYTHING)

    assert read_data_config(path) == DataConfig(
        feedback=FeedbackKind.BOTH,
        repeats=True,
        rating_scale=(1.0, 5.0),
        events={"view": 0.2, "purchase": 1.0, "refund": -1.0},
        columns={"items": {"price": ColumnKind.NUMBER, "notes": None}},
    )


def test_nothing_said_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "shortlist.toml"
    path.write_text("[run]\nseed = 42\n")

    assert read_data_config(path) == DataConfig()


def test_the_file_beside_the_tables(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None

    (tmp_path / "shortlist.toml").touch()

    assert find_config(tmp_path) == tmp_path / "shortlist.toml"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"repeat": True}, "[data] has no setting 'repeat'. Did you mean 'repeats'?"),
        ({"zzz": 1}, "Known: feedback, repeats, people_to_people, rating_scale, events, columns."),
        ({"feedback": "stars"}, "'stars' is not one of ratings, implicit, both"),
        ({"repeats": "yes"}, "must be true or false"),
        ({"rating_scale": [5, 1]}, "the first number must be the lower one"),
        ({"rating_scale": [1, 2, 3]}, "must be two numbers"),
        ({"rating_scale": 5}, "must be two numbers"),
        ({"rating_scale": [1, "x"]}, "must be a finite number"),
        ({"events": ["view"]}, "[data.events] must be a table"),
        ({"events": {"view": "much"}}, "[data.events] view = 'much' must be a finite number"),
        ({"events": {"view": True}}, "must be a finite number"),
        ({"events": {"view": float("inf")}}, "must be a finite number"),
        ({"events": {"refund": -1}}, "at least one event must have a weight above 0"),
        ({"columns": {"item": {}}}, "Did you mean 'items'?"),
        ({"columns": {"items": {"price": "numeric"}}}, "Did you mean 'number'?"),
        ({"columns": {"items": {"item_id": "category"}}}, "never a feature"),
        ({"columns": {"items": {"available_from": "time"}}}, "when an item can be had"),
        ({"columns": {"items": "price"}}, "[data.columns.items] must be a table"),
        ([], "[data] must be a table"),
    ],
)
def test_what_cannot_be_meant(section: object, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_data_config(section)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"), [(b"[data", "not a TOML file"), (b"\xff", "not a TOML file"), (None, "cannot be read")]
)
def test_files_that_are_no_toml(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "shortlist.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=rf"shortlist\.toml: {words}"):
        read_data_config(path)


def test_the_file_is_named_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "shortlist.toml"
    path.write_text("[data]\nrepeat = true\n")

    with pytest.raises(ConfigError, match=r"shortlist\.toml: \[data\] has no setting 'repeat'"):
        read_data_config(path)
