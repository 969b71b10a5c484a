"""A social graph with planted circles: people are proposed to people."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

CIRCLES, PEOPLE, FRIENDS = 5, 150, 14
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from planted import train_folder
folder = Path(sys.argv[1])
train_folder(folder / "graph", folder / "bundles")
"""


def person(number):
    return f"user-{number:03}"


def circle(name):
    return int(name[5:]) % CIRCLES


def graph(*, seed=0):
    """Return who follows whom and when: nine of ten within the circle."""
    random = np.random.default_rng(seed)
    rows = []
    for one in range(PEOPLE):
        own = np.setdiff1d(np.arange(one % CIRCLES, PEOPLE, CIRCLES), [one])
        other = np.setdiff1d(np.arange(PEOPLE), [*own, one])
        followed = [*random.choice(own, FRIENDS - 1, replace=False), *random.choice(other, 1)]
        times = np.sort(random.uniform(0, 300 * 86_400.0, FRIENDS))
        rows += [
            (person(one), person(int(them)), 1.5e9 + float(time))
            for them, time in zip(random.permutation(followed), times, strict=True)
        ]
    log = pl.DataFrame(rows, schema=["customer_id", "item_id", "timestamp"], orient="row")
    return log.sort("timestamp")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Train on the graph in a process of its own, and return the pipeline and the log."""
    from planted import CONFIG, write_shop

    from shortlist_server.pipeline.clock import ClockPolicy
    from shortlist_server.pipeline.pipeline import Pipeline

    folder = tmp_path_factory.mktemp("people")
    log = graph()
    write_shop(folder / "graph", {"interactions": log}, CONFIG)
    program = PROGRAM.format(tests=str(Path(__file__).parents[1]))
    made = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, timeout=900)
    assert made.returncode == 0, made.stderr
    return Pipeline.load(folder / "bundles", "default", "stable", ClockPolicy.LOG_END), log


def answers(pipeline, **fields):
    from shortlist_server.pipeline.request import RecommendRequest

    names = [person(n) for n in range(PEOPLE)]
    requests = [RecommendRequest(customer_id=name, **fields) for name in names]
    return {name: list(found.item_ids) for name, found in zip(names, pipeline.recommend(requests), strict=True)}


def test_people_are_proposed_whom_they_do_not_know_yet_and_never_themselves(people):
    pipeline, log = people
    assert pipeline.served.policy.people_to_people
    known = {name: set(found) for name, found in log.group_by("customer_id").agg("item_id").iter_rows()}
    for name, found in answers(pipeline, k=PEOPLE).items():
        assert set(found) == {person(n) for n in range(PEOPLE)} - known[name] - {name}


def test_those_proposed_are_of_the_circle(people):
    pipeline, _ = people
    hits = [np.mean([circle(one) == circle(name) for one in found]) for name, found in answers(pipeline, k=5).items()]
    # One of five by chance.
    assert np.mean(hits) > 0.8


def test_those_known_come_back_when_they_are_asked_for_oneself_never(people):
    from shortlist_server.pipeline.request import Seen

    pipeline, _ = people
    for name, found in answers(pipeline, k=PEOPLE, seen=Seen.INCLUDE).items():
        assert set(found) == {person(n) for n in range(PEOPLE)} - {name}


def test_similar_customers_find_the_circle(people):
    from shortlist_server.pipeline.request import Event, Profile, SimilarCustomersRequest

    pipeline, _ = people
    shares = []
    for n in range(PEOPLE):
        found = pipeline.similar_customers(SimilarCustomersRequest(customer_id=person(n), k=10)).customer_ids
        assert person(n) not in found
        shares.append(np.mean([circle(one) == n % CIRCLES for one in found]))
    assert np.mean(shares) > 0.8
    history = [Event(item_id=person(n)) for n in (3, 8, 13)]
    stranger = SimilarCustomersRequest(profile=Profile(history=history), k=10)
    found = pipeline.similar_customers(stranger)
    assert found.fallbacks == ("cold_start:history",)
    assert np.mean([circle(one) == 3 for one in found.customer_ids]) > 0.8


def test_the_metrics_say_it(people):
    pipeline, _ = people
    assert pipeline.served.figures["log"]["people_to_people"] is True
    assert pipeline.served.figures["log"]["repeats"] is False
