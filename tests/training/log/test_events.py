import polars as pl

from shortlist_training.log.events import count_events, weigh_events
from shortlist_training.log.report import Findings

LOG = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e", "f"],
        "item_id": ["1", "2", "3", "4", "5", "6"],
        "value": pl.Series([1.0, 2.0, 1.0, 1.0, 0.0, 1.0], dtype=pl.Float32),
        "event": ["view", "purchase", "refund", "share", "view", None],
    }
)


def test_weights_multiply_values_and_what_is_left_out_is_counted() -> None:
    findings = Findings()

    weighed = weigh_events(LOG, {"view": 0.5, "purchase": 2.0, "refund": -1.0}, findings)

    assert weighed.select("customer_id", "value").rows() == [("a", 0.5), ("b", 4.0)]
    assert weighed.schema["value"] == pl.Float32
    assert {entry.reason: (entry.rows, entry.example) for entry in findings.dropped} == {
        "the event is empty, and [data.events] gives weights": (1, "customer 'f', item '6'"),
        "the event 'refund' has the weight -1": (1, "customer 'c', item '3'"),
        "the event 'share' has no weight in [data.events]": (1, "customer 'd', item '4'"),
        "a value of 0": (1, "customer 'e', item '5'"),
    }


def test_nothing_gets_lost_uncounted() -> None:
    findings = Findings()

    weighed = weigh_events(LOG, {"view": 0.5, "refund": 0.0}, findings)

    assert weighed.height + sum(entry.rows for entry in findings.dropped) == LOG.height


def test_without_weights_all_events_count_the_same_and_a_note_says_so() -> None:
    findings = Findings()

    weighed = weigh_events(LOG, {}, findings)

    assert weighed["value"].to_list() == [1.0, 2.0, 1.0, 1.0, 1.0]
    assert findings.notes == [
        "all events (view, purchase, refund, share) count the same; weights can be given in [data.events]"
    ]


def test_weights_for_events_that_do_not_occur_are_noted() -> None:
    findings = Findings()

    weigh_events(LOG, {"purchse": 1.0, "view": 1.0}, findings)
    weigh_events(LOG.drop("event"), {"view": 1.0}, findings)

    assert findings.notes == [
        "[data.events] names 'purchse', which does not occur in the log (is 'purchase' meant?)",
        "[data.events] names 'view', which does not occur in the log",
    ]


def test_counts_are_ordered_by_frequency_then_name() -> None:
    assert list(count_events(LOG).items()) == [("view", 2), ("purchase", 1), ("refund", 1), ("share", 1)]
    assert count_events(LOG.drop("event")) == {}
