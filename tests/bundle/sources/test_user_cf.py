import numpy as np
import pytest
from arrays import ROWS, batch_of
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.sources.alike import UNMET, Takers, alike, told_by_neighbours
from shortlist_bundle.sources.sums import DENSE
from shortlist_bundle.sources.user_cf import UserCf

WIDTH = 7
EVERYBODY = [[(1, 2.0), (2, 1.0)], [(1, 1.0), (3, 4.0)], [(4, 1.0), (5, 1.0), (6, 3.0)], [(2, 1.0), (6, 1.0)]]
"""What each of four customers, rows 1 to 4, has taken: (item, amount)."""


def takers(people=EVERYBODY, *, most=100):
    taken = [[item for item, _ in person] for person in people]
    known = np.bincount(np.concatenate([*taken, [0]]).astype(int), minlength=WIDTH)
    return Takers(
        customers=np.arange(1, len(people) + 1, dtype=np.int32),
        offsets=np.cumsum([0, *map(len, people)]).astype(np.int64),
        items=np.array([item for person in people for item, _ in person], np.int32),
        amounts=np.array([amount for person in people for _, amount in person], np.float32),
        rarity=np.log1p(len(people) / np.maximum(known, 1)).astype(np.float32),
        most=most,
    )


def source(people=EVERYBODY, *, neighbours=50, focus=1.0, length=20, fade=0.5, most=100):
    return UserCf(
        takers=takers(people, most=most),
        neighbours=neighbours,
        focus=focus,
        length=length,
        fade=fade,
        by_moment=False,
    )


def every_score(found, rows, *, customers=None):
    batch = batch_of(rows, customers=customers)
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=WIDTH)
    return found.scoreboard(batch, past).at(np.tile(np.arange(WIDTH, dtype=np.int32), (len(rows), 1)))


def slowly(people, row, own, *, neighbours, focus, length, fade):
    """Compute one customer's scores with dense rows and sorting."""
    voice = np.zeros(WIDTH)
    for age, (item, *_) in enumerate(reversed(row[-length:])):
        voice[item] = voice[item] or fade**age
    voice[0] = 0
    table = np.zeros((len(people), WIDTH))
    for number, person in enumerate(people):
        for item, amount in person:
            table[number, item] = np.log1p(amount)
    rarity = takers(people).rarity.astype(float)
    theirs, asked = table * rarity, voice * rarity
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-9)
    alike = theirs @ asked / max(np.linalg.norm(asked), 1e-9)
    if own:
        alike[own - 1] = 0
    nearest = np.lexsort((np.arange(len(alike)), -np.round(alike, 6)))[:neighbours]
    share = alike[nearest] ** focus
    return share @ table[nearest] / max(share.sum(), 1e-30)


@given(ROWS, st.sampled_from([1.0, 3.0]), st.sampled_from([1, 3, 8]), st.integers(0, 4))
def test_the_scores_are_those_of_dense_rows(rows, focus, length, own):
    settings = {"neighbours": 50, "focus": focus, "length": length, "fade": 0.5}
    found = every_score(source(**settings), rows, customers=[own] * len(rows))
    expected = [slowly(EVERYBODY, row, own, **settings) for row in rows]
    assert found == pytest.approx(np.array(expected).reshape(-1, WIDTH), abs=1e-5)


def test_only_the_nearest_are_asked():
    # Who took 1 and then 3 is nearest to the second customer; of the others nothing is heard.
    found = every_score(source(neighbours=1), [[(1, 1.0), (3, 2.0)]])[0]
    assert np.flatnonzero(found).tolist() == [1, 3]
    assert found[3] == pytest.approx(np.log1p(4.0))


def test_equally_near_neighbours_are_asked_in_their_order():
    people = [[(1, 1.0), (2, 1.0)], [(1, 1.0), (3, 1.0)]]
    assert np.flatnonzero(every_score(source(people, neighbours=1), [[(1, 1.0)]])[0]).tolist() == [1, 2]


def test_nobody_is_their_own_neighbour():
    row = [(4, 1.0), (5, 2.0), (6, 3.0)]
    known, stranger = every_score(source(), [row, row], customers=[3, 0])
    assert known[4] == 0
    assert stranger[4] > 0


def test_a_batch_is_answered_like_each_customer_alone():
    rows = [[(1, 1.0)], [], [(6, 1.0), (2, 2.0)], [(5, 1.0)]]
    together = every_score(source(), rows)
    alone = np.concatenate([every_score(source(), [row]) for row in rows])
    assert together.tolist() == alone.tolist()


def test_an_item_is_compared_through_so_many_takers_at_most():
    people = [[(1, 1.0), (2, 1.0)], [(1, 1.0), (3, 1.0)], [(1, 1.0), (4, 1.0)]]
    assert np.flatnonzero(every_score(source(people, most=2), [[(1, 1.0)]])[0]).tolist() == [1, 2, 3]


def test_without_customers_there_is_nothing_to_tell():
    assert not every_score(source([]), [[(1, 1.0)], []]).any()


def test_an_amount_too_small_for_a_sum_is_not_told_of():
    # A third of the least float there is rounds to zero.
    least = float(np.nextafter(np.float32(0), np.float32(1)))
    batch = batch_of([[(1, 1.0)]])
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=WIDTH)
    board = source([[(1, 1.0), (2, least)]] * 3).scoreboard(batch, past)
    assert board.keys.tolist() == [1]
    assert board.at(np.array([[1, 2]], np.int32))[0, 1] == 0


def test_who_shares_only_what_no_longer_counts_is_met_once():
    things, strength = np.array([1, 2, 3]), np.array([0, 0, 1], np.float32)
    # So many others that those who are met are noted one by one.
    others = [[(4, 1.0)]] * (DENSE * 6)
    everybody = takers([[(1, 1.0), (2, 1.0)], [(1, 1.0), (2, 1.0), (3, 1.0)], [(1, 1.0)], *others])
    similarity, met = np.full(3 + len(others), UNMET, np.float32), np.full(9, -1, np.int32)
    near = alike(*everybody.index, everybody.rarity, things, strength, similarity, met)
    assert near.tolist() == [0, 1, 2]
    assert similarity[0] == similarity[2] == 0 < similarity[1]


@pytest.mark.parametrize("customers", [3, 400])
def test_similarities_are_cosines_however_many_customers_are_met(customers):
    """Three customers are met hundreds of times each, four hundred now and then: two ways to add up the same."""
    random, width = np.random.default_rng(0), 301
    table = np.where(random.random((customers, width)) < (0.9 if customers < 10 else 0.02), 1.0, 0.0)
    table[:, 0] = 0
    people = [[(int(item), 2.0) for item in np.flatnonzero(row)] for row in table]
    rarity = random.uniform(0.5, 2.0, width).astype(np.float32)
    found = Takers(
        customers=np.arange(1, customers + 1, dtype=np.int32),
        offsets=np.cumsum([0, *map(len, people)]).astype(np.int64),
        items=np.array([item for person in people for item, _ in person], np.int32),
        amounts=np.array([amount for person in people for _, amount in person], np.float32),
        rarity=rarity,
        most=1000,
    )
    things, strength = np.arange(1, width, 3), random.random(100).astype(np.float32)
    similarity, met = np.full(customers, UNMET, np.float32), np.empty(customers, np.int32)
    near = alike(*found.index, rarity, things, strength, similarity, met)
    theirs = table * np.log1p(2.0) * rarity
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-9)
    asked = np.zeros(width)
    asked[things] = strength * rarity[things]
    right = theirs @ asked / np.linalg.norm(asked)
    assert near.tolist() == np.flatnonzero(right).tolist()
    np.testing.assert_allclose(similarity[near], right[near], rtol=1e-4)
    assert (np.delete(similarity, near) == UNMET).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([60, 4_000]), st.sampled_from([5, 900]))
def test_small_and_large_catalogues_and_crowds_are_told_of_alike(seed, items, crowd):
    random = np.random.default_rng(seed)
    taken = [np.sort(random.choice(np.arange(1, items), 4, replace=False)) for _ in range(crowd)]
    rarity = np.ones(items, np.float32)
    everybody = Takers(
        customers=np.arange(1, crowd + 1, dtype=np.int32),
        offsets=np.arange(0, 4 * crowd + 1, 4),
        items=np.concatenate(taken).astype(np.int32),
        amounts=np.full(4 * crowd, np.float32(np.e - 1)),
        rarity=rarity,
        most=crowd,
    )
    own = [taken[0], np.zeros(0, np.int64), taken[1]]
    keys = np.concatenate([row * items + mine for row, mine in enumerate(own)])
    found, scores = told_by_neighbours(
        everybody, keys, np.ones(len(keys), np.float32), np.zeros(3, np.int32), neighbours=crowd, focus=1.0
    )
    expected = np.zeros((3, items))
    for row in (0, 2):
        shared = np.array([len(np.intersect1d(own[row], theirs)) for theirs in taken])
        for theirs, share in zip(taken, shared / shared.sum(), strict=True):
            expected[row, theirs] += share
    np.testing.assert_array_equal(found, np.flatnonzero(expected))
    np.testing.assert_allclose(scores, expected.ravel()[found], rtol=1e-5)
