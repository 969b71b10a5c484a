"""A canary that does worse is withdrawn, by each of the guardrails; one that does as well is left alone."""

import numpy as np
import pytest
from fake_shelves import FakeShelf, bundle
from fakes import FakePipeline

from shortlist_server.errors import InvalidRequest, Overloaded
from shortlist_server.gathering import Gathering
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.releases.guardrails import Limits, Reward, breaches, reward_breach
from shortlist_server.releases.releases import Releases
from shortlist_server.releases.trial import Trial
from shortlist_server.releases.window import Counts, Window, bin_of

LIMITS = Limits()


def counts(requests, *, errors=0, empty=0, seconds=(0.005,)):
    found = Counts(requests=requests, errors=errors, empty=empty)
    for number in range(requests):
        found.slowness[bin_of(seconds[number % len(seconds)])] += 1
    return found


def named(stable, canary, limits=LIMITS):
    return [breach.what.split()[-1] if "slower" not in breach.what else "slow" for breach in
            breaches(stable, canary, limits)]  # fmt: skip


@pytest.mark.parametrize(
    ("canary", "found"),
    [
        (counts(500), []),
        (counts(500, errors=60), ["errors"]),
        (counts(500, empty=80), ["lists"]),
        (counts(500, seconds=(0.05,)), ["slow"]),
        (counts(49, errors=49), []),
        # One in a hundred more is within what is allowed.
        (counts(500, errors=5), []),
    ],
)
def test_each_guardrail_has_its_breach(canary, found):
    assert named(counts(5_000), canary) == found


def test_what_both_do_badly_speaks_against_neither():
    assert not named(counts(5_000, errors=1_000, empty=1_000), counts(500, errors=100, empty=100))


def test_chance_alone_withdraws_no_canary():
    random = np.random.default_rng(0)
    for _ in range(2_000):
        stable = Counts(requests=2_000, errors=int(random.binomial(2_000, 0.02)))
        canary = Counts(requests=100, errors=int(random.binomial(100, 0.02)))
        assert not named(stable, canary)


def test_rewards_are_compared_by_their_means():
    good, bad = Reward(1_000, 0.2, 0.16), Reward(1_000, 0.1, 0.09)
    assert not list(reward_breach(good, good, LIMITS))
    (breach,) = reward_breach(good, bad, LIMITS)
    assert (breach.stable, breach.canary) == (0.2, 0.1)
    assert not list(reward_breach(good, Reward(10, 0.0, 0.0), LIMITS))


def test_a_window_forgets():
    now = [100.0]
    window = Window(30.0, lambda: now[0])
    window.note(0.01, ["", "error", "empty"])
    now[0] = 120.0
    window.note(0.01, [""])
    assert (window.counts().requests, window.counts().errors, window.counts().empty) == (4, 1, 1)
    now[0] = 131.5
    assert (window.counts().requests, window.counts().errors) == (1, 0)


@pytest.mark.parametrize("seconds", [1e-5, 1e-4, 0.003, 0.5, 1e3])
def test_a_percentile_is_right_to_a_bin(seconds):
    found = counts(100, seconds=(seconds,)).percentile(0.99)
    assert found == pytest.approx(min(max(seconds, 1e-4), 20.6), rel=0.08)


def test_overload_says_nothing_of_a_bundle():
    trial = Trial("id-of-one", "id-of-two", LIMITS)
    for version in ("one", "two"):
        trial.note(bundle(version), [Overloaded("full", retry_after=1.0)] * 200, 0.01)
    assert trial._windows["id-of-two"].counts().requests == 0
    trial.note(bundle("two"), [InvalidRequest.at("k", "0")], 0.01)
    assert trial._windows["id-of-two"].counts().errors == 1


class Broken(FakePipeline):
    def recommend(self, requests):
        raise ZeroDivisionError


@pytest.fixture
def trial(monkeypatch):
    """A canary on trial, whose pipeline a test chooses; yields (shelf, releases, loaded, gathering)."""

    def begin(canary=None, **options):
        shelf, loaded, gathering = FakeShelf(), Loaded(), Gathering(largest=4)
        loaded.put(bundle("one"))
        if canary is not None:
            canary.version, canary.bundle_id = "two", "id-of-two"
            monkeypatch.setattr(shelf, "load", lambda version: canary)
        releases = Releases(shelf, loaded, share=0.5, gathering=gathering, **options)
        assert gathering.watch is None
        shelf.aliases["canary"] = "two"
        releases.look()
        return shelf, releases, loaded, gathering

    return begin


def ask(loaded, gathering, customers):
    for number in range(customers):
        customer = f"customer-{number}"
        pipeline = loaded.of_model("default", customer)
        gathering.recommend_all(pipeline, [RecommendRequest(customer_id=customer, k=3)])


def test_a_broken_canary_is_withdrawn_everywhere_and_does_not_come_back(trial):
    shelf, releases, loaded, gathering = trial(Broken())
    ask(loaded, gathering, 300)
    releases.look()
    assert loaded.arms().canary is None
    assert shelf.aliases == {"stable": "one"}
    assert [event for event in shelf.events if event in ("canary-breach", "withdraw")] == ["canary-breach", "withdraw"]
    assert gathering.watch is None
    shelf.aliases["canary"] = "two"
    releases.look()
    assert loaded.arms().canary is None


def test_a_canary_that_does_as_well_stays(trial):
    shelf, releases, loaded, gathering = trial()
    ask(loaded, gathering, 300)
    releases.look()
    assert loaded.arms().canary.version == "two"
    assert shelf.aliases["canary"] == "two"


def test_a_canary_whose_lists_earn_less_is_withdrawn(trial):
    class Told:
        def rewards(self, seconds):
            return {"id-of-one": Reward(1_000, 0.2, 0.16), "id-of-two": Reward(1_000, 0.1, 0.09)}

    shelf, releases, loaded, _ = trial(rewards=Told())
    releases.look()
    assert loaded.arms().canary is None
    assert "canary" not in shelf.aliases


def test_a_folder_that_may_only_be_read_ends_the_canary_here(trial, monkeypatch):
    from shortlist_bundle.errors import StorageError

    shelf, releases, loaded, gathering = trial(Broken())
    monkeypatch.setattr(shelf, "withdraw", lambda *_, **__: (_ for _ in ()).throw(StorageError("read-only")))
    ask(loaded, gathering, 300)
    for _ in range(3):
        releases.look()
        assert loaded.arms().canary is None
