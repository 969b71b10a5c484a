"""Nested tables as the text of a TOML file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.config.toml_text import toml_text

TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
VALUES = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), TEXTS)
TABLES = st.recursive(
    st.dictionaries(TEXTS, VALUES | st.lists(VALUES, max_size=3), max_size=3),
    lambda inner: st.dictionaries(TEXTS, inner | VALUES, max_size=3),
    max_leaves=5,
)


def test_sections_are_told_apart_by_an_empty_line():
    tables = {"run": {"seed": 3}, "data": {"repeats": True, "events": {"view": 0.5, "gift card": -1.0}}}
    assert toml_text(tables) == (
        '[run]\nseed = 3\n\n[data]\nrepeats = true\n\n[data.events]\nview = 0.5\n"gift card" = -1.0\n'
    )


@given(st.dictionaries(TEXTS, TABLES.filter(lambda table: isinstance(table, dict)), max_size=3))
def test_every_table_is_read_back(tables):
    assert tomllib.loads(toml_text(tables)) == tables


def test_what_toml_cannot_say_is_refused():
    with pytest.raises(TypeError, match="None"):
        toml_text({"run": {"budget_minutes": None}})
