"""Lists whose right order can be worked out by hand, or found by trying everything."""

import numpy as np
import pytest
from shelves import catalogue, categories, listed, ranked, taken

from shortlist_bundle.diversity.calibration import SMOOTHING, divergence, mix_of
from shortlist_bundle.diversity.diversifier import Diversifier
from shortlist_bundle.diversity.dpp import OWN
from shortlist_bundle.diversity.grouping import groups_of
from shortlist_bundle.diversity.method import standardised
from shortlist_bundle.diversity.settings import Diversity

NOBODY = taken([])


def picked(shop, scores, wanted, k, history=NOBODY):
    return listed(Diversifier(shop)(ranked(scores), history, wanted, k))


def falling(items):
    """Return scores that fall with the row of an item."""
    return {item: 10.0 - 0.1 * item for item in items}


# Ten clones of one product come first by score; ten others, each of its own kind, come after them.
CLONES = catalogue(
    kind=["bread"] * 10 + [f"kind {n // 2}" for n in range(10)], brand=["x"] * 10 + [f"b{n % 5}" for n in range(10)]
)


@pytest.mark.parametrize(("method", "strength"), [("mmr", 0.9), ("dpp", 0.9), ("max_sum", 0.97)])
def test_ten_clones_of_one_product_do_not_fill_the_list(method, strength):
    plain = picked(CLONES, falling(range(1, 21)), Diversity(), 6)
    assert plain == [1, 2, 3, 4, 5, 6]
    varied = picked(CLONES, falling(range(1, 21)), Diversity(method=method, strength=strength), 6)
    assert varied[0] == 1
    assert all(item > 10 for item in varied[1:])


def test_mmr_by_hand():
    shop = catalogue(kind=["a", "a", "b", "b", "a"], brand=["x", "x", "y", "x", "y"])
    scores = {1: 5.0, 2: 4.0, 3: 3.0, 4: 2.0, 5: 1.0}
    # Standardised: 2, 1, 0, -1, -2 over sqrt 2. After item 1 the likeness is 2: 1, 3: 0, 4: 1/2, 5: 1/2, and the gains
    # at 1/2 are 2: -0.146, 3: 0, 4: -0.604, 5: -0.957. After 3: 2: -0.146 again, 4: -0.604, 5: -0.957.
    assert picked(shop, scores, Diversity(method="mmr", strength=0.5), 5) == [1, 3, 2, 4, 5]
    # Variety alone: 3 shares nothing with 1; 4 and 5 share half with the nearest; 2 is a clone. Ties by score.
    assert picked(shop, scores, Diversity(method="mmr", strength=1.0), 5) == [1, 3, 4, 5, 2]


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_dpp_finds_what_trying_every_next_item_finds(strength, seed):
    random = np.random.default_rng(seed)
    count, k = 14, 7
    shop = catalogue(
        kind=[f"k{n}" for n in random.integers(0, 4, count)], brand=[f"b{n}" for n in random.integers(0, 3, count)]
    )
    kinds, brands = (shop.attributes[name].codes[1:] for name in ("kind", "brand"))
    alike = (kinds[:, None] == kinds) / 2 + (brands[:, None] == brands) / 2
    kernel = (1 - OWN) * alike + OWN * np.eye(count)
    scores = dict(enumerate(random.normal(size=count), 1))
    relevance = standardised(np.array([scores[item] for item in range(1, count + 1)], np.float32))
    chosen = []
    for _ in range(k):
        rest = [n for n in range(count) if n not in chosen]
        values = [
            (1 - strength) * relevance[[*chosen, n]].sum()
            + strength * np.linalg.slogdet(kernel[np.ix_([*chosen, n], [*chosen, n])])[1]
            for n in rest
        ]
        best = max(values)
        ties = [n for n, value in zip(rest, values, strict=True) if value > best - 1e-6]
        chosen.append(max(ties, key=lambda n: relevance[n]))
    found = picked(shop, scores, Diversity(method="dpp", strength=strength), k)
    # The greedy value, not the order among equals, is what the paper promises.
    assert found == [n + 1 for n in chosen]


def test_standardised_scores_by_hand():
    root = np.sqrt(1.5)
    for scores in ([1, 2, 3], [100, 300, 500], [-3, -2, -1]):
        np.testing.assert_allclose(standardised(np.array(scores, np.float32)), [-root, 0, root])
    for scores in ([], [5], [2, 2], [1e6, 1e6 + 0.01], [0, 1e-9]):
        assert not standardised(np.array(scores, np.float32)).any()


def test_divergence_by_hand():
    mix = np.array([0, 0.5, 0.5])
    assert divergence(mix, mix) == pytest.approx(0)
    wanted = 0.5 * np.log(0.5 / ((1 - SMOOTHING) * 0.75 + SMOOTHING * 0.5)) + 0.5 * np.log(
        0.5 / ((1 - SMOOTHING) * 0.25 + SMOOTHING * 0.5)
    )
    assert divergence(mix, np.array([0, 0.75, 0.25])) == pytest.approx(wanted)
    assert divergence(mix, np.zeros(3)) == pytest.approx(-np.log(SMOOTHING))


def test_the_mix_of_a_history_by_hand():
    column = groups_of(categories([["a", "b"], ["a"], ["c"], []]))
    strengths = np.array([1, 0.5, 0.5, 1], np.float32)
    # a: 1/2 + 1/2, b: 1/2, c: 1/2 of two in all; the item without a value says nothing.
    np.testing.assert_allclose(mix_of(column.of(np.arange(1, 5, dtype=np.int32)), strengths), [0, 0.5, 0.25, 0.25])
    assert not mix_of(column.of(np.array([4], np.int32)), strengths[:1]).any()


SHELVES = catalogue(shelf=["wine"] * 40 + ["bread"] * 40 + ["fish"] * 40)


@pytest.mark.parametrize(("strength", "near"), [(0.8, 2), (1.0, 0)])
def test_a_history_of_70_to_30_gives_a_list_of_70_to_30(strength, near):
    history = taken([1] * 7 + [41] * 3)
    # By score the list would be all fish, then bread.
    scores = {item: float(item) for item in range(1, 121)}
    assert picked(SHELVES, scores, Diversity(), 20) == list(range(120, 100, -1))
    found = picked(SHELVES, scores, Diversity(method="calibration", strength=strength), 20, history)
    shelves = [(item - 1) // 40 for item in found]
    assert abs(shelves.count(0) - 14) <= near
    assert shelves.count(2) == 0
    # Every shelf gives its best, and the mix holds from the first ranks on.
    assert [item for item in found if item <= 40] == list(range(40, 40 - shelves.count(0), -1))
    assert abs(shelves[:10].count(0) - 7) <= 1 + near


def test_an_event_that_counts_less_moves_the_mix_less():
    history = taken([1, 41], strengths=[0.25, 0.75])
    found = picked(SHELVES, falling(range(1, 121)), Diversity(method="calibration", strength=1.0), 20, history)
    shelves = [(item - 1) // 40 for item in found]
    assert [shelves.count(n) for n in range(3)] == [5, 15, 0]


def test_who_has_taken_nothing_gets_the_order_of_scores_calibrated():
    scores = falling(range(1, 121))
    assert picked(SHELVES, scores, Diversity(method="calibration", strength=0.9), 20) == list(range(1, 21))


def test_the_attribute_to_calibrate_on_can_be_named():
    shop = catalogue(shelf=["a", "b", "a", "b"] * 5, colour=["red", "red", "blue", "blue"] * 5)
    history, scores = taken([1, 2]), falling(range(1, 21))
    by_colour = Diversity(method="calibration", strength=1.0, calibrate="colour")
    assert all(item % 4 in (1, 2) for item in picked(shop, scores, by_colour, 6, history))
    by_shelf = Diversity(method="calibration", strength=1.0, calibrate="shelf")
    assert picked(shop, scores, by_shelf, 6, history) == [1, 2, 3, 4, 5, 6]


def test_serendipity_prefers_what_is_unlike_the_past():
    history = taken([1, 2, 3])
    scores = falling(range(1, 121))
    assert picked(SHELVES, scores, Diversity(serendipity=0.0, caps=(("shelf", 99),)), 5, history) == [1, 2, 3, 4, 5]
    assert picked(SHELVES, scores, Diversity(serendipity=1.0), 5, history) == [41, 42, 43, 44, 45]
    # Half of the past is wine and half bread: fish alone is news.
    assert picked(SHELVES, scores, Diversity(serendipity=0.9), 3, taken([1, 41])) == [81, 82, 83]
    assert picked(SHELVES, scores, Diversity(serendipity=0.9), 3) == [1, 2, 3]


def test_scores_and_ranks_stay_those_of_the_item():
    before = ranked(falling(range(1, 21)))
    after = Diversifier(CLONES)(before, NOBODY, Diversity(method="mmr", strength=0.9), 25)
    assert after.items.shape == (1, 25)
    assert sorted(listed(after)) == list(range(1, 21))
    own = dict(zip(before.items[0].tolist(), before.scores[0].tolist(), strict=True))
    for item, score, rank in zip(after.items[0], after.scores[0], after.ranks[0], strict=True):
        assert (score, rank[0]) == ((own[int(item)], item) if item else (-np.inf, -1))
    assert after.candidates.tolist() == [20]


def test_without_category_columns_vectors_tell_items_apart():
    shop = catalogue(name=["a", "b", "c"])
    vectors = np.array([[0, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    wanted = Diversity(method="mmr", strength=0.9)
    assert listed(Diversifier(shop, vectors)(ranked({1: 3, 2: 2, 3: 1}), NOBODY, wanted, 3)) == [1, 3, 2]
    assert not list(Diversifier(shop, vectors).problems(wanted))
    assert [place for place, _ in Diversifier(shop).problems(wanted)] == ["method"]
