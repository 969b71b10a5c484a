from math import log2, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_training.evaluation.metrics import Figure, catalogue_metrics, ranking_metrics, summary
from shortlist_training.evaluation.targets import Targets

WIDTH = 10


def targets_of(*sets):
    keys = sorted(number * WIDTH + item for number, items in enumerate(sets) for item in items)
    return Targets(
        rows=np.arange(1, len(sets) + 1),
        width=WIDTH,
        keys=np.array(keys, np.int64),
        sizes=np.array([len(items) for items in sets], np.int64),
    )


# Four judged customers: two hits of three targets; none; a hit at the second place and a short list; all of two.
LISTS = np.array([[4, 1, 9, 2, 7], [1, 2, 3, 4, 5], [5, 6, 0, 0, 0], [8, 9, 1, 2, 3]], np.int32)
TARGETS = targets_of({1, 2, 3}, {9}, {6, 7, 8, 9}, {8, 9})


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("recall@2", [1 / 3, 0, 1 / 4, 1]),
        ("recall@5", [2 / 3, 0, 1 / 4, 1]),
        ("hr@2", [1, 0, 1, 1]),
        ("hr@5", [1, 0, 1, 1]),
        ("hr@1", [0, 0, 0, 1]),
        ("mrr@2", [1 / 2, 0, 1 / 2, 1]),
        ("mrr@1", [0, 0, 0, 1]),
        ("mrr@5", [1 / 2, 0, 1 / 2, 1]),
        ("ndcg@1", [0, 0, 0, 1]),
        ("ndcg@2", [(1 / log2(3)) / (1 + 1 / log2(3)), 0, (1 / log2(3)) / (1 + 1 / log2(3)), 1]),
        (
            "ndcg@5",
            [
                (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / 2),
                0,
                (1 / log2(3)) / (1 + 1 / log2(3) + 1 / 2 + 1 / log2(5)),
                1,
            ],
        ),
    ],
)
def test_every_metric_by_hand(metric, expected):
    assert ranking_metrics(LISTS, TARGETS, (1, 2, 5))[metric] == pytest.approx(expected)


def test_the_constants_of_a_second_implementation():
    """The same table, computed once outside: means and standard errors to five decimals."""
    figures = summary(ranking_metrics(LISTS, TARGETS, (2, 5)))
    known = {
        "recall@2": (0.39583, 0.21348),
        "hr@2": (0.75, 0.25),
        "ndcg@2": (0.44343, 0.20672),
        "mrr@2": (0.5, 0.20412),
        "recall@5": (0.47917, 0.22146),
        "hr@5": (0.75, 0.25),
        "ndcg@5": (0.43612, 0.21371),
        "mrr@5": (0.5, 0.20412),
    }
    for name, (mean, error) in known.items():
        assert figures[name].mean == pytest.approx(mean, abs=1e-5), name
        assert figures[name].error == pytest.approx(error, abs=1e-5), name


def test_lists_shorter_than_k_are_judged_against_an_ideal_list_of_k():
    short = ranking_metrics(LISTS[:, :2], TARGETS, (5,))
    padded = ranking_metrics(np.pad(LISTS[:, :2], [(0, 0), (0, 3)]), TARGETS, (5,))
    for name, values in short.items():
        assert values.tolist() == padded[name].tolist()
    assert short["ndcg@5"][0] == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3) + 1 / 2))


def test_lists_without_any_place_score_zero():
    metrics = ranking_metrics(np.zeros((4, 0), np.int32), TARGETS, (5,))
    assert all(values.tolist() == [0, 0, 0, 0] for values in metrics.values())


@st.composite
def judged(draw):
    count = draw(st.integers(1, 4))
    sets = [draw(st.sets(st.integers(1, WIDTH - 1), min_size=1)) for _ in range(count)]
    one = st.permutations(range(1, WIDTH)).map(lambda items: items[:6])
    lists = np.array([draw(one) for _ in range(count)], np.int32)
    lists[:, draw(st.integers(0, 6)) :] = 0
    return lists, targets_of(*sets), draw(st.integers(1, 9))


@given(judged())
def test_every_metric_lies_between_zero_and_one(case):
    lists, targets, k = case
    for name, values in ranking_metrics(lists, targets, (k,)).items():
        assert values.shape == (len(lists),)
        assert ((values >= 0) & (values <= 1 + 1e-12)).all(), name


@given(judged())
def test_metrics_agree_with_each_other(case):
    lists, targets, k = case
    metrics = ranking_metrics(lists, targets, (k, k + 1))
    found = metrics[f"hr@{k}"] > 0
    for name in ("recall", "ndcg", "mrr"):
        assert ((metrics[f"{name}@{k}"] > 0) == found).all()
    for name in ("recall", "hr", "mrr"):
        assert (metrics[f"{name}@{k}"] <= metrics[f"{name}@{k + 1}"]).all()


@given(judged())
def test_the_ideal_list_scores_one(case):
    _, targets, k = case
    ideal = np.zeros((len(targets.rows), WIDTH), np.int32)
    for row in range(len(ideal)):
        own = targets.keys[targets.keys // WIDTH == row] % WIDTH
        ideal[row, : len(own)] = own
    metrics = ranking_metrics(ideal, targets, (k,))
    for name in ("ndcg", "hr", "mrr"):
        assert metrics[f"{name}@{k}"] == pytest.approx(1)


def test_coverage_counts_the_items_that_anybody_was_shown():
    figures = catalogue_metrics(LISTS, np.ones(WIDTH), (1, 2, 5))
    assert figures["coverage@1"] == pytest.approx(4 / 9)
    assert figures["coverage@2"] == pytest.approx(7 / 9)
    assert figures["coverage@5"] == 1


def test_novelty_is_the_mean_surprise_in_bits():
    takings = np.array([0, 3, 0, 0, 0], np.float64)
    # Smoothed shares: 4/7 for item 1, 1/7 for the others; row 0 is nobody and counts for nothing.
    figures = catalogue_metrics(np.array([[1, 2], [3, 0]]), takings, (1, 2))
    assert figures["novelty@1"] == pytest.approx((log2(7 / 4) + log2(7)) / 2)
    assert figures["novelty@2"] == pytest.approx((log2(7 / 4) + 2 * log2(7)) / 3)


def test_nothing_shown_covers_nothing():
    assert catalogue_metrics(np.zeros((2, 3), np.int32), np.ones(5), (3,)) == {"coverage@3": 0, "novelty@3": 0}


def test_a_figure_is_a_mean_with_its_standard_error():
    figure = Figure.of(np.array([1.0, 2.0, 3.0, 6.0]))
    assert figure.mean == 3
    assert figure.error == pytest.approx(sqrt((4 + 1 + 0 + 9) / 3 / 4))
    assert Figure.of(np.array([5.0])) == Figure(5.0, 0.0)
    assert Figure.of(np.zeros(0)) == Figure(0.0, 0.0)
