"""A study knows its data and its configuration."""

from dataclasses import replace

from small_logs import dataset_of

from shortlist_training.config.run import RunConfig
from shortlist_training.study.fingerprint import data_fingerprint, fingerprints
from shortlist_training.study.reach import Between
from shortlist_training.study.space import SPACE, Space

EVENTS = [("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 3.0)]


def test_the_same_log_has_the_same_fingerprint_and_any_other_another():
    logs = [
        dataset_of(EVENTS),
        dataset_of(EVENTS[:2]),
        dataset_of([*EVENTS[:2], ("b", "x", 4.0)]),
        dataset_of([*EVENTS[:2], ("b", "y", 3.0)]),
        dataset_of([*EVENTS[:2], ("c", "x", 3.0)]),
        dataset_of(EVENTS, items={"item_id": ["x", "y"], "price": [1.0, 2.0]}),
        dataset_of(EVENTS, items={"item_id": ["x", "y"], "price": [1.0, 1.0]}),
        dataset_of(EVENTS, repeats=False),
    ]
    assert len({data_fingerprint(log) for log in logs}) == len(logs)
    assert data_fingerprint(dataset_of(EVENTS)) == data_fingerprint(logs[0])


def test_configuration_and_space_have_fingerprints_of_their_own():
    dataset = dataset_of(EVENTS)
    plain = fingerprints(dataset, Space(RunConfig()))
    seeded = fingerprints(dataset, Space(replace(RunConfig(), seed=1)))
    assert {name for name in plain if plain[name] != seeded[name]} == {"configuration"}
    wider = fingerprints(dataset, Space(RunConfig(), {**SPACE, "scorer.dropout": Between(0.0, 0.5)}))
    assert {name for name in plain if plain[name] != wider[name]} == {"space"}
