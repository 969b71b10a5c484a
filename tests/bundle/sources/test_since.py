"""Counts of pairs laid over a source's scores: those of a dictionary, whichever way they are added up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.sources import since as module
from shortlist_bundle.sources.since import UNIT, PairsSince, norms, pair_keys

WIDTHS = (8, 2_000)
"""A catalogue where a look at every item is the least work, and one where the few items reached are put in order."""
PAIRS = st.dictionaries(st.tuples(st.integers(1, 7), st.integers(1, 7)), st.integers(1, 3 * UNIT), max_size=10)
TAKEN = st.lists(st.integers(0, 9), min_size=8, max_size=8)


def sorted_pairs(pairs):
    rising = sorted(pairs)
    keys = pair_keys(np.array([a for a, _ in rising], int), np.array([b for _, b in rising], int))
    return keys, np.array([pairs[pair] for pair in rising], np.int64)


def of(old, new, before, since, width):
    wide = [np.pad(np.array(taken, float), (0, width - 8)) for taken in (before, since)]
    (keys, sums), (new_keys, new_sums) = sorted_pairs(old), sorted_pairs(new)
    divided = norms(wide[0])
    return PairsSince(
        keys=keys, sums=sums, new_keys=new_keys, new_sums=new_sums, inverse=(1 / divided).astype(np.float32),
        shift=(divided / norms(wide[0] + wide[1])).astype(np.float32),
    )  # fmt: skip


@settings(max_examples=150)
@given(
    PAIRS,
    PAIRS,
    TAKEN,
    TAKEN,
    st.lists(st.dictionaries(st.integers(1, 7), st.floats(0.125, 2, width=32), max_size=4), min_size=1, max_size=3),
    st.sampled_from(WIDTHS),
)
def test_scores_are_those_of_a_dictionary(old, new, before, taken, owners, width):
    since = of(old, new, before, taken, width)
    keys = np.array([owner * width + thing for owner, own in enumerate(owners) for thing in sorted(own)], np.int64)
    strength = np.array([own[thing] for own in owners for thing in sorted(own)], np.float32)
    base = {(owner, item): float(owner + item) for owner in range(len(owners)) for item in (1, 5)}
    found = np.array([owner * width + item for owner, item in sorted(base)], np.int64)
    scores = np.array([base[pair] for pair in sorted(base)], np.float32)
    got_keys, got = since.laid_over(found, scores, keys, strength, width)
    assert (np.diff(got_keys) > 0).all()
    for owner in range(len(owners)):
        # To the last bit: a batch answers each as if asked alone.
        spoken, own = keys // width == owner, found // width == owner
        alone = since.laid_over(found[own], scores[own], keys[spoken], strength[spoken], width)
        of_owner = got_keys // width == owner
        assert (alone[0].tolist(), alone[1].tolist()) == (got_keys[of_owner].tolist(), got[of_owner].tolist())
    now = norms(np.array(before) + np.array(taken))
    expected = {
        (owner, item): score * norms(np.array(before))[item] / now[item] for (owner, item), score in base.items()
    }
    for owner, own in enumerate(owners):
        for pairs in (old, new):
            for (thing, other), count in pairs.items():
                if thing in own:
                    more = own[thing] * count / UNIT / (now[thing] * now[other])
                    expected[owner, other] = expected.get((owner, other), 0.0) + more
    assert {(int(key) // width, int(key) % width): float(score) for key, score in zip(got_keys, got, strict=True)} == (
        pytest.approx(expected, rel=1e-4, abs=1e-6)
    )


def test_both_ways_of_adding_up_are_tried():
    """The control: of two pairs a catalogue of 8 is looked at as a whole; of 60 one of 2,000 is not."""
    assert WIDTHS[0] < 2 * module.DENSE
    assert WIDTHS[1] > 3 * 2 * 10 * module.DENSE


def test_nothing_counted_changes_nothing():
    since = of({}, {}, [3] * 8, [0] * 8, 8)
    found, scores = np.array([1, 5], np.int64), np.array([1.0, 2.0], np.float32)
    keys, got = since.laid_over(found, scores, np.array([2], np.int64), np.ones(1, np.float32), 8)
    assert keys.tolist() == [1, 5]
    assert got.tolist() == [1.0, 2.0]
    assert since.strengths(np.array([2], np.int64), np.ones(1, np.float32), 8).tolist() == [1.0]


def test_norms_divide_by_a_damped_root():
    assert norms(np.array([0, 1, 4])) == pytest.approx([5.0, 6.0, 2 * 9 / 4])
