"""Measures of varied lists, by hand."""

import numpy as np
import pytest
from shelves import catalogue, number, taken

from shortlist_bundle.diversity.calibration import SMOOTHING
from shortlist_training.errors import DataError
from shortlist_training.evaluation.diversity.measures import (
    Yardstick,
    calibration_error,
    coverage,
    farness,
    gini,
    intra_list_distance,
    list_measures,
)
from shortlist_training.evaluation.targets import Targets

# Items 1 and 2 are clones, 3 shares its kind with them, 4 shares nothing, 5 shares a brand with 4, 6 is unknown.
SHOP = catalogue(kind=["a", "a", "a", "b", "c", None, "b", "c"], brand=["x", "x", "y", "z", "z", None, "x", "y"])
TAKINGS = np.array([0.0, 6, 2, 0, 0, 0, 0, 0, 0])
YARDSTICK = Yardstick.of(SHOP, TAKINGS)


def lists(*rows):
    width = max(map(len, rows))
    return np.array([[*row, *[0] * (width - len(row))] for row in rows], np.int32)


def targets(*rows):
    keys = sorted(9 * owner + item for owner, items in enumerate(rows) for item in items)
    return Targets(
        rows=np.arange(len(rows)), width=9, keys=np.array(keys, np.int64), sizes=np.array([len(row) for row in rows])
    )


def test_the_distance_within_a_list():
    shown = lists([1, 2], [1, 3], [1, 4], [1, 2, 3], [1, 2, 3, 4], [6, 6], [1], [])
    # Pairs: 0; 1/2; 1; (0 + 1/2 + 1/2) / 3; that plus three of 1, over 6; what nothing is known of is like nothing.
    expected = [0, 0.5, 1, 1 / 3, 4 / 6, 1, 0, 0]
    np.testing.assert_allclose(intra_list_distance(shown, YARDSTICK.likeness), expected, atol=1e-6)


def test_the_distance_to_the_nearest_thing_in_the_past():
    found = farness(lists([1, 3, 4, 5], [1, 4]), taken([2, 2, 4], []), YARDSTICK.likeness)
    np.testing.assert_allclose(found, [[0, 0.5, 0, 0.5], [1, 1, 0, 0]], atol=1e-6)


def test_the_error_of_calibration():
    assert YARDSTICK.column == "kind"
    found = calibration_error(lists([1, 4], [1, 2], [4, 7], [1, 2]), taken([1, 7], [1, 7], [1], []), YARDSTICK.mixed)
    half = 0.5 * np.log(0.5 / ((1 - SMOOTHING) + SMOOTHING / 2)) + 0.5 * np.log(1 / SMOOTHING)
    np.testing.assert_allclose(found, [0, half, -np.log(SMOOTHING), np.nan], atol=1e-9)


def test_how_much_of_the_catalogue_is_shown_and_how_evenly():
    assert coverage(lists([1, 2], [2, 3]), 6) == 0.5
    assert coverage(lists([]), 6) == 0.0
    # Equal shares: 0. All on one of n: (n - 1) / n. Counts 0, 1, 3: (-2*0 + 0*1 + 2*3) / (3*4).
    assert gini(lists([1, 2, 3]), 3) == pytest.approx(0)
    assert gini(lists([2], [2]), 4) == pytest.approx(3 / 4)
    assert gini(lists([1, 3], [3], [3]), 3) == pytest.approx(0.5)
    assert gini(lists([]), 3) == 0.0


def test_every_measure_of_a_list():
    found = list_measures(lists([1, 3], [4]), taken([2], [1]), targets([3], [4]), YARDSTICK)
    # (6 + 1) and (0 + 1) of 8 + 8 takings, each smoothed by one.
    rare, often = np.log2(16), np.log2(16 / 7)
    expected = {
        "distance": [0.5, 0],
        "novelty": [(rare + often) / 2, rare],
        "calibration error": [0, -np.log(SMOOTHING)],
        "unexpectedness": [0.25, 1],
        "serendipity": [0.25, 1],
    }
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-6, err_msg=name)


def test_what_is_unexpected_but_wrong_is_no_serendipity():
    found = list_measures(lists([4, 5]), taken([1]), targets([1]), YARDSTICK)
    assert found["unexpectedness"] == pytest.approx(1)
    assert found["serendipity"] == 0


def test_without_a_category_column_nothing_can_be_measured():
    with pytest.raises(DataError, match="no category column"):
        Yardstick.of(catalogue(price=number([1, 2])), np.zeros(3))
