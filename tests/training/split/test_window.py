import numpy as np
from small_logs import dataset_of

from shortlist_training.split.window import Window, window_mask

DATASET = dataset_of([("a", f"i{n}", float(n)) for n in range(5)] + [("b", "i1", 2.0)])
WINDOW = Window(starts=np.array([0, 2, 1]), stops=np.array([0, 4, 1]), as_of=np.array([0.0, 2.0, 9.0]))


def items(histories):
    return [
        DATASET.items.ids(histories.items[a:b])
        for a, b in zip(histories.offsets[:-1], histories.offsets[1:], strict=True)
    ]


def test_rows_are_the_customers_with_something_asked():
    assert WINDOW.rows.tolist() == [1]


def test_given_and_asked_meet_at_the_start():
    rows = np.array([2, 1])
    assert items(WINDOW.given(DATASET.events, rows)) == [["i1"], ["i0", "i1"]]
    assert items(WINDOW.asked(DATASET.events, rows)) == [[], ["i2", "i3"]]


def test_the_mask_is_what_a_fit_may_see():
    assert window_mask(WINDOW, DATASET.events).tolist() == [True, True, False, False, False, True]
