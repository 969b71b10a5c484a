"""What an event counts."""

import pytest

from shortlist_bundle.state.event_weights import EventWeights

WEIGHED = EventWeights(weights={"view": 0.1, "purchase": 1.0, "return": -1.0}, main="purchase")


@pytest.mark.parametrize(
    ("event", "value", "amount"),
    [("view", 2.0, 0.2), ("purchase", 3.0, 3.0), ("", 3.0, 3.0), ("return", 1.0, -1.0), ("wave", 5.0, 0.0)],
)
def test_a_kind_has_the_weight_that_training_gave_it(event, value, amount):
    assert WEIGHED.amount(event, value) == pytest.approx(amount)


def test_without_weights_every_kind_counts_the_same():
    assert [EventWeights().amount(event, 2.0) for event in ("", "view")] == [2.0, 2.0]


def test_json_keeps_them():
    assert EventWeights.from_json(WEIGHED.to_json()) == WEIGHED
