import click
import pytest

from shortlist_client.commands.arguments import assigned, assignment, ids, joined, moment


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1", 1),
        ("a=0.5", 0.5),
        ("a=true", True),
        ("a=null", None),
        ('a="1"', "1"),
        ('a=["x", "y"]', ["x", "y"]),
        ("a=35-44", "35-44"),
        ("a=x=y", "x=y"),
        ("a=", ""),
        ("a=NaN", "NaN"),
        ('a={"b": 1}', '{"b": 1}'),
    ],
)
def test_a_value_is_json_or_text(text, value):
    name, found = assignment(text)

    assert (name, found) == ("a", value)
    assert type(found) is type(value)


def test_a_name_given_twice_has_both_values():
    assert assigned([("a", 1), ("b", 2), ("a", 3)]) == {"a": [1, 3], "b": 2}


def test_ids_stand_between_commas():
    assert ids("i1, i2,,") == ("i1", "i2")
    assert joined([("i1", "i2"), ("i3",)]) == ["i1", "i2", "i3"]


@pytest.mark.parametrize("text", ["86400", "1970-01-02", "1970-01-02T00:00:00Z", "1970-01-02T02:00+02:00"])
def test_a_moment_is_seconds_or_iso_time(text):
    assert moment(text) == 86400.0


def test_a_moment_that_is_neither_is_refused():
    with pytest.raises(click.BadParameter, match="june"):
        moment("june")
