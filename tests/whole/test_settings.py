"""The three small settings of the documentation, each by command: invented, trained, served, and asked over gRPC.

The quick tests run the program in this process, the catalogue in fewer, larger steps; the slow ones are the settings
to the letter, every command a process of its own.
"""

import json

import numpy as np
import polars as pl
import pytest
from programs import run, run_here, serving, serving_here
from scipy.stats import spearmanr

from shortlist_client import Profile, Seen

NEW = 200


def made(folder, setting, ratings, *, here=True, config=""):
    """Invent a setting, train on it, and return what `shortlist train` says."""
    command = run_here if here else run
    command("data", "synth", setting, "--ratings", ratings, "--out", folder / "data")
    if config:
        (folder / "data" / "shortlist.toml").write_text(config)
    told = command("train", "--data", folder / "data", "--bundles", folder / "bundles", "--json")
    return json.loads(told)["metrics"]["ratings"]


def new_customers(folder):
    """Yield each new customer's features, and the truth about them: item -> (rating, score)."""
    table = pl.read_parquet(folder / "data" / "new" / "new_customers.parquet")
    truth = pl.read_parquet(folder / "data" / "new" / "truth.parquet").partition_by("customer_id", as_dict=True)
    assert len(table) == NEW
    for row in table.iter_rows(named=True):
        rows = truth[(row.pop("customer_id"),)]
        yield row, dict(zip(rows["item_id"], zip(rows["rating"], rows["score"], strict=True), strict=True))


# Setting 1: ratings.


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_ratings(tmp_path, here):
    figures = made(tmp_path, "ratings", "noise", here=here)
    assert (figures["model"], figures["ratings"], figures["held_out"], figures["epochs"]) == ("embedding", 10, 2, 15)
    assert np.isfinite(figures["held_out_loss"])
    with (serving_here if here else serving)(tmp_path / "bundles") as client:
        (score,) = client.score("0", items=["0"])
        assert 1.0 <= score.score <= 5.0
        # User 0 gave item 0 a 5: more than the mean of 3.3 even after so few steps.
        assert score.score > 3.3
        address = client.describe_model()
        assert (address.customers, address.items, address.interactions) == (5, 6, 10)
        if not here:
            return
    told = run_here("evaluate", "--bundles", tmp_path / "bundles", "--json")
    assert json.loads(told)["ratings"] == figures


def test_the_score_command_prints_the_rating_of_user_0_for_item_0(tmp_path):
    made(tmp_path, "ratings", "noise")
    with serving_here(tmp_path / "bundles") as client:
        told = json.loads(run_here("score", "0", "0", "--server", client.address, "--json"))
        (score,) = client.score("0", items=["0"])
    assert told["items"] == [{"item_id": "0", "score": pytest.approx(score.score)}]


def test_planted_ratings_are_found(tmp_path):
    figures = made(tmp_path, "ratings", "planted")
    # Ratings are 1, 2, 4 and 5: a guess at the mean is 1.6 off.
    assert figures["rmse"] < 0.25
    truth = pl.read_parquet(tmp_path / "data" / "new" / "truth.parquet")
    with serving_here(tmp_path / "bundles") as client:
        errors = []
        for (one,), rows in truth.group_by(["customer_id"]):
            scores = client.score(one, items=rows["item_id"].to_list())
            errors += [score.score - rating for score, rating in zip(scores, rows["rating"], strict=True)]
        assert np.sqrt(np.mean(np.square(errors))) < 0.25
        # A list is ordered by predicted rating.
        one = truth["customer_id"][0]
        listed = client.recommend(one, k=60, seen=Seen.EXCLUDE)
        unrated = truth.filter(pl.col("customer_id") == one)
        assert set(listed.item_ids) == set(unrated["item_id"])
        rated = dict(zip(unrated["item_id"], unrated["rating"], strict=True))
        assert [rated[item] for item in listed.item_ids] == sorted(rated.values(), reverse=True)
        # Every item's and every customer's mean tells nothing: what is planted is taste, and the reasons say so.
        for item in client.recommend(one, k=60, explain=True):
            assert set(item.reasons.score_changes) == {"customer", "item", "taste"}
            strongest = max(item.reasons.score_changes, key=lambda part: abs(item.reasons.score_changes[part]))
            assert strongest == "taste"
            assert item.reasons.score_changes["taste"] == pytest.approx(item.score - 3.0, abs=0.6)
        best = client.recommend(one, k=1, explain=True)[0]
        assert best.short_reason().startswith("suits your taste")


# Setting 2: catalogue.

QUICK_CATALOGUE = """\
[ratings]
model = "scorer"
hidden = [64, 32]
epochs = 3
batch_size = 256
held_out = 0.2

[run]
seed = 42
"""


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_catalogue_of_pure_noise_has_nothing_to_learn(tmp_path, here):
    figures = made(tmp_path, "catalogue", "noise", here=here, config=QUICK_CATALOGUE if here else "")
    assert (figures["model"], figures["ratings"], figures["held_out"]) == ("scorer", 50_000, 10_000)
    # The variance of an integer from 1 to 5 is 2.
    assert 2.0 <= figures["held_out_loss"] <= 2.15


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_catalogue_with_planted_ratings_finds_the_best_product(tmp_path, here):
    figures = made(tmp_path, "catalogue", "planted", here=here, config=QUICK_CATALOGUE if here else "")
    assert figures["held_out_loss"] < 0.2
    best_rating = best_product = 0
    with (serving_here if here else serving)(tmp_path / "bundles") as client:
        for features, truth in new_customers(tmp_path):
            found = client.recommend(profile=Profile(features=features), k=3)
            assert not found.known_customer
            assert [fallback.code for fallback in found.fallbacks] == ["cold_start:features"]
            best_rating += max(truth[item][0] for item in found.item_ids) == max(rating for rating, _ in truth.values())
            best_product += max(truth, key=lambda item: truth[item][1]) in found.item_ids
        # Everybody has rated everything, so a list without what was rated would be empty.
        known = client.recommend("customer-0001", k=50)
        assert len(known) == 50
        assert not client.recommend("customer-0001", k=50, seen=Seen.EXCLUDE).items
        assert client.describe_model().repeats
    assert best_rating / NEW >= 0.9
    assert best_product / NEW >= 0.9


# Setting 3: goals.


@pytest.mark.parametrize("here", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_goals_with_planted_ratings_finds_the_order(tmp_path, here):
    figures = made(tmp_path, "goals", "planted", here=here)
    assert (figures["model"], figures["ratings"], figures["epochs"]) == ("two_tower", 5000, 50)
    agreement = []
    with (serving_here if here else serving)(tmp_path / "bundles") as client:
        for features, truth in new_customers(tmp_path):
            # A list of more products than there are is a list of all of them.
            found = client.recommend(profile=Profile(features=features), k=10)
            assert sorted(found.item_ids) == sorted(truth)
            assert all(0.0 <= item.score <= 1.0 for item in found)
            scores = [item.score for item in found]
            assert scores == sorted(scores, reverse=True)
            agreement.append(spearmanr(range(5, 0, -1), [truth[item][1] for item in found.item_ids])[0])
            scored = client.score(items=found.item_ids, profile=Profile(features=features))
            np.testing.assert_allclose([one.score for one in scored], scores, atol=1e-5)
    assert np.mean(agreement) >= 0.9


@pytest.mark.slow
def test_goals_of_pure_noise_have_no_order(tmp_path):
    figures = made(tmp_path, "goals", "noise", here=False)
    # The variance of a number between 0 and 1 is a twelfth.
    assert 0.078 <= figures["held_out_loss"] <= 0.1
