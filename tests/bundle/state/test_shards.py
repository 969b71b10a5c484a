"""A map that never changes."""

from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.state.shards import PARTS, Shards

CHANGES = st.dictionaries(st.sampled_from([0, 1, PARTS, 2 * PARTS, 7, "a"]), st.none() | st.integers())


@given(st.lists(CHANGES, max_size=6))
def test_it_holds_what_a_dictionary_would(steps):
    found, plain = Shards(), {}
    for changes in steps:
        before, kept = found, dict(plain)
        found = found.changed(changes)
        plain = {key: value for key, value in (plain | changes).items() if value is not None}
        assert {key: before.get(key) for key in kept} == kept
        assert len(before) == len(kept)
    assert len(found) == len(plain)
    for key in (0, 1, PARTS, 2 * PARTS, 7, "a", "absent"):
        assert found.get(key) == plain.get(key)
        assert (key in found) == (key in plain)
