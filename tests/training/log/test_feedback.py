import polars as pl
import pytest

from shortlist_training.log.feedback import FeedbackKind, infer_feedback, infer_scale
from shortlist_training.log.repeats import repeat_rate

RATINGS, IMPLICIT, BOTH = FeedbackKind


def log(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(columns)


PAIRS = {"customer_id": ["a", "a", "b", "b"], "item_id": ["1", "2", "1", "3"]}


@pytest.mark.parametrize(
    ("columns", "catalogue", "kind"),
    [
        ({}, 3, IMPLICIT),
        ({"timestamp": [1, 2, 3, 4]}, 3, IMPLICIT),
        ({"rating": [1.0, 5.0, 3.0, 4.0]}, 100, RATINGS),
        ({"rating": [1.0, 5.0, 3.0, 4.0], "timestamp": [1, 2, 3, 4]}, 10, RATINGS),
        ({"rating": [1.0, 5.0, 3.0, 4.0], "timestamp": [1, 2, 3, 4]}, 11, BOTH),
        ({"rating": [1.0, None, 3.0, 4.0]}, 3, BOTH),
        ({"rating": [5.0, 5.0, 5.0, 5.0]}, 3, IMPLICIT),
    ],
)
def test_kinds_of_feedback(columns: dict[str, list[object]], catalogue: int, kind: FeedbackKind) -> None:
    assert infer_feedback(log(**PAIRS, **columns), catalogue).kind is kind


@pytest.mark.parametrize(
    ("ratings", "scale"),
    [
        ([1.0, 5.0, None], (1.0, 5.0)),
        ([0.5, 4.5], (0.5, 4.5)),
        ([0.02, 0.97], (0.0, 1.0)),
        ([0.0, 1.0], (0.0, 1.0)),
        ([-10.0, 10.0], (-10.0, 10.0)),
        ([None], None),
    ],
)
def test_scales(ratings: list[float | None], scale: tuple[float, float] | None) -> None:
    assert infer_scale(pl.Series(ratings, dtype=pl.Float32)) == scale


AGAIN = {"customer_id": ["a", "a", "a", "b"], "item_id": ["1", "1", "2", "1"]}


@pytest.mark.parametrize(
    ("columns", "rate"),
    [
        # Another time is another taking; the same time is the same one.
        ({"timestamp": [1, 2, 3, 4]}, 1 / 4),
        ({"timestamp": [1, 1, 3, 4]}, 0.0),
        # Orders say more than times.
        ({"timestamp": [1, 2, 3, 4], "order_id": ["x", "x", "y", "z"]}, 0.0),
        ({"timestamp": [1, 1, 3, 4], "order_id": ["x", "y", "y", "z"]}, 1 / 4),
        ({"timestamp": [1, 2, 3, 4], "order_id": [None, None, "y", "z"]}, 1 / 4),
        # With neither, every row is a taking.
        ({}, 1 / 4),
        # A view and a purchase of it are no repeat.
        ({"timestamp": [1, 2, 3, 4], "event": ["view", "buy", "buy", "buy"]}, 0.0),
        ({"timestamp": [1, 2, 3, 4], "event": ["buy", "buy", "view", "view"]}, 1 / 4),
    ],
)
def test_repeats(columns: dict[str, list[object]], rate: float) -> None:
    assert repeat_rate(log(**AGAIN, **columns), {}) == pytest.approx(rate)


def test_the_heaviest_event_is_the_taking() -> None:
    events = log(**AGAIN, timestamp=[1, 2, 3, 4], event=["buy", "buy", "view", "view"])

    assert repeat_rate(events, {"buy": 1.0, "view": 0.1}) == pytest.approx(1 / 2)
    assert repeat_rate(events, {"buy": 0.1, "view": 1.0, "share": 9.0}) == 0.0
