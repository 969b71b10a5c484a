"""Whether the items of a log are its customers."""

import json

import numpy as np
import polars as pl
import pytest

from shortlist_training.errors import ConfigError
from shortlist_training.log import read_log
from shortlist_training.log.config import parse_data_config
from shortlist_training.log.people import infer_people


def frame(pairs):
    return pl.DataFrame(pairs, schema=["customer_id", "item_id"], orient="row")


def coincidence(*, customers=80, items=120, takings=2000, seed=0):
    """Customers and items that are both counted from 1, some far more active or popular than others."""
    random = np.random.default_rng(seed)
    who = random.choice(customers, takings, p=random.dirichlet(np.full(customers, 0.5))) + 1
    what = random.choice(items, takings, p=random.dirichlet(np.full(items, 0.5))) + 1
    return sorted({(str(a), str(b)) for a, b in zip(who.tolist(), what.tolist(), strict=True)})


def friends(*, people=100, circles=5, seed=0, name=str, back=0.6):
    """People who know others of their circle; most know each other both ways."""
    random = np.random.default_rng(seed)
    pairs = set()
    for one in range(people):
        for other in random.choice(np.arange(one % circles, people, circles), 6):
            if other != one:
                pairs.add((name(one), name(int(other))))
                if random.random() < back:
                    pairs.add((name(int(other)), name(one)))
    return sorted(pairs)


def test_named_people_are_told_by_the_overlap_alone():
    guess = infer_people(frame(friends(name=lambda one: f"user-{one}")))
    assert guess.people
    assert guess.reason == "100% of the fewer ids are ids of both customers and items"


def test_different_ids_are_no_people():
    guess = infer_people(frame([("c1", "i1"), ("c2", "i1"), ("c2", "c1"), ("c3", "i3"), ("c4", "i4")]))
    assert not guess.people
    assert guess.reason.startswith("25% ")


def test_a_handful_of_equal_ids_is_no_people():
    assert not infer_people(frame([("a", "b"), ("b", "c"), ("c", "a")])).people


@pytest.mark.parametrize("seed", range(5))
def test_two_tables_that_count_from_one_are_no_people(seed):
    guess = infer_people(frame(coincidence(seed=seed)))
    assert not guess.people
    assert "by chance" in guess.reason


@pytest.mark.parametrize("seed", range(3))
def test_people_who_are_counted_are_told_by_their_answers(seed):
    guess = infer_people(frame(friends(seed=seed)))
    assert guess.people
    assert "both ways" in guess.reason


def write(folder, pairs, toml=""):
    log = frame(pairs).with_columns(timestamp=pl.int_range(pl.len()).cast(pl.Float64) + 1.5e9)
    log.write_parquet(folder / "interactions.parquet")
    (folder / "shortlist.toml").write_text(toml)
    return read_log(folder)


def test_the_report_says_it_and_what_people_have_with_themselves_is_left_out(tmp_path):
    pairs = friends(name=lambda one: f"u{one}")
    log = write(tmp_path, [*pairs, ("u1", "u1"), ("u2", "u2")])
    assert log.people_to_people
    assert log.interactions.height == len(pairs)
    (dropped,) = [one for one in log.report.dropped if one.reason == "a person with themselves"]
    assert (dropped.rows, dropped.example) == (2, "u1")
    said = json.loads(log.report.to_json())
    assert said["people_to_people"] is True
    assert "ids of both" in said["people_reason"]


def test_connected_people_are_not_offered_again_however_often_they_meet(tmp_path):
    log = write(tmp_path, friends(name=lambda one: f"u{one}") * 3)
    assert log.report.repeat_rate > 0.5
    assert not log.repeats
    assert "connected" in log.report.repeats_reason


def test_the_configuration_has_the_last_word(tmp_path):
    pairs = friends(name=lambda one: f"u{one}")
    log = write(tmp_path, [*pairs, ("u1", "u1")], "[data]\npeople_to_people = false\n")
    assert not log.people_to_people
    assert log.interactions.height == len(pairs) + 1
    assert log.report.people_reason == "said by the configuration"
    assert write(tmp_path, coincidence(), "[data]\npeople_to_people = true\n").people_to_people
    assert write(tmp_path, pairs * 2, "[data]\nrepeats = true\n").repeats


def test_an_answer_that_is_none_is_refused():
    with pytest.raises(ConfigError, match=r"people_to_people = 'yes' must be true or false"):
        parse_data_config({"people_to_people": "yes"})
