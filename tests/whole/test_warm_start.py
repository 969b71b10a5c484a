"""A training that goes on from a bundle: what it makes is a bundle like any other, and knows what is new."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from grown import CHEESE, LEFT, NEW_CUSTOMERS, NEW_ITEMS, grown_shop, write_grown
from planted import CATEGORIES, CONFIG, DAY, DAYS, START, category_of, customer_id, favourites, write_shop

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded, ItemUpserted
from shortlist_bundle.commands import bundle as bundle_commands
from shortlist_bundle.files import open_bundle
from shortlist_bundle.golden import replay
from shortlist_bundle.packing import unpack_model
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest, Seen
from shortlist_training.commands.train import train
from shortlist_training.errors import WarmStartError

NOW = START + (DAYS + 60) * DAY


def run(*arguments):
    return CliRunner().invoke(train, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Return the folder of the grown log."""
    return write_grown(tmp_path_factory.mktemp("grown") / "shop", grown_shop())


@pytest.fixture(scope="module")
def warm(trained, grown, tmp_path_factory):
    """Go on from the small shop's bundle, once for this file: the folder of bundles, and what the program said."""
    bundles = tmp_path_factory.mktemp("warm")
    result = run(
        "--data", grown, "--bundles", bundles, "--warm-start", trained.bundles / "default" / "stable", "--json"
    )
    assert result.exit_code == 0, result.output
    return bundles, json.loads(result.stdout), result.stderr


@pytest.fixture(scope="module")
def pipeline(warm):
    return Pipeline.load(warm[0], "default", "stable", ClockPolicy.LOG_END)


@pytest.fixture(scope="module")
def model(warm):
    return unpack_model(open_bundle(warm[0], "default", "stable"))


def test_it_says_what_has_grown(warm):
    _, made, said = warm
    assert "4 new customers beside 204 (1 gone)" in said
    assert "3 new items beside 60 (0 gone)" in said
    assert made["metrics"]["warm_start"]["customers"] == {"known": 204, "new": 4, "gone": 1}
    assert made["metrics"]["warm_start"]["values"] == {"customers.town": 1, "items.tags": 1}


def test_the_line_stands_in_the_bundle(warm, trained):
    parent = open_bundle(trained.bundles, "default", "stable").ref.bundle_id
    opened = open_bundle(warm[0], "default", "stable")
    assert opened.document("lineage") == {"parent": parent, "first": parent, "generation": 1}
    assert any(entry.name == "lineage.json" and entry.hashed for entry in opened.manifest.files)
    assert opened.document("metrics")["warm_start"]["from"] == parent
    shown = CliRunner().invoke(bundle_commands, ["inspect", "--bundles", str(warm[0]), "--json"])
    assert json.loads(shown.stdout)["lineage"]["parent"] == parent


def test_the_golden_requests_pass(warm):
    assert replay(open_bundle(warm[0], "default", "stable")).passed


def test_what_was_chosen_is_kept(warm, trained):
    before, now = (
        open_bundle(root, "default", "stable").document("model")["engine"] for root in (trained.bundles, warm[0])
    )
    assert now["depths"] == before["depths"]
    assert now["retriever"]["signals"] == before["retriever"]["signals"]
    for name, source in before["retriever"]["counting"].items():
        kept = now["retriever"]["counting"][name]
        assert {setting: kept[setting] for setting in source} == source


def test_customers_are_still_shown_what_they_like(pipeline):
    requests = [RecommendRequest(customer_id=customer_id(n), k=10) for n in range(199)]
    hits = [
        np.isin([_category(one) for one in answer.item_ids], favourites(n)).mean()
        for n, answer in enumerate(pipeline.recommend(requests))
    ]
    assert np.mean(hits) > 0.7


def test_new_items_are_found_by_those_who_like_such(pipeline):
    def found(customers):
        requests = [RecommendRequest(customer_id=customer_id(n), k=8, seen=Seen.EXCLUDE) for n in customers]
        return np.mean([np.isin(NEW_ITEMS, list(answer.item_ids)).any() for answer in pipeline.recommend(requests)])

    assert found(range(CHEESE, 199, CATEGORIES)) > found(range(3, 199, CATEGORIES)) + 0.2


def test_an_item_nobody_has_taken_stands_among_those_like_it(model):
    vectors = model.engine.retriever.tower_items.vectors[:, :-1]
    own = vectors[model.items.row(NEW_ITEMS[2])]
    likes = {what: model.items.rows([f"i{n:03}" for n in range(what, 54, CATEGORIES)]) for what in range(CATEGORIES)}
    nearness = {what: float((vectors[rows] @ own).mean()) for what, rows in likes.items()}
    assert max(nearness, key=nearness.get) == CHEESE


def test_new_customers_are_known_and_those_who_left_are_not(pipeline, model):
    answers = pipeline.recommend([RecommendRequest(customer_id=name, k=10) for name in NEW_CUSTOMERS])
    hits = [np.mean([_category(one) == CHEESE for one in answer.item_ids]) for answer in answers]
    assert np.mean(hits) > 0.6
    assert LEFT not in model.customers


def test_what_does_not_fit_is_an_error_for_people(trained, grown, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text((grown / "shortlist.toml").read_text().replace("embedding_size = 16", "embedding_size = 32"))
    origin = trained.bundles / "default" / "stable"
    found = run("--data", grown, "--bundles", tmp_path / "b", "--warm-start", origin, "--config", other)
    assert isinstance(found.exception, WarmStartError)
    assert "[two_tower] embedding_size was 16 and is 32" in str(found.exception)
    assert not (tmp_path / "b").exists()


def _category(item):
    return CHEESE if item in NEW_ITEMS else category_of(int(item[1:]))


PROGRAM = "from shortlist_client.program import main; main()"


@pytest.mark.slow
def test_another_process_makes_the_same_bundle(warm, trained, grown, tmp_path):
    arguments = ["--data", grown, "--bundles", tmp_path, "--warm-start", trained.bundles / "default" / "stable"]
    subprocess.run([sys.executable, "-c", PROGRAM, "train", *arguments], check=True, capture_output=True, timeout=900)
    once, twice = (open_bundle(root, "default", "stable") for root in (warm[0], tmp_path))
    different = [name for name, array in once.array_parts.items() if not np.array_equal(array, twice.array_parts[name])]
    assert different == []
    assert once.ref.bundle_id == twice.ref.bundle_id


@pytest.mark.slow
def test_one_may_go_on_from_a_bundle_that_went_on(warm, trained, grown, tmp_path):
    tables = grown_shop(days=60)
    more = pl.DataFrame(
        [(customer_id(n), "n2", NOW + n * 60.0) for n in range(CHEESE, 199, CATEGORIES)],
        schema=["customer_id", "item_id", "timestamp"], orient="row",
    )  # fmt: skip
    tables["interactions"] = pl.concat([tables["interactions"], more])
    folder = write_grown(tmp_path / "shop", tables)
    made = run("--data", folder, "--bundles", warm[0], "--warm-start", "stable", "--alias", "next", "--json")
    assert made.exit_code == 0, made.output
    opened = open_bundle(warm[0], "default", "next")
    first, parent = (open_bundle(root, "default", "stable").ref.bundle_id for root in (trained.bundles, warm[0]))
    assert opened.document("lineage") == {"parent": parent, "first": first, "generation": 2}
    figures = json.loads(made.stdout)["metrics"]["warm_start"]
    assert figures["events"]["new"] == len(more)
    assert replay(opened).passed


@pytest.mark.slow
def test_what_a_server_recorded_is_learnt_from(trained, tmp_path):
    disk = DiskLog(tmp_path / "log")
    disk.append([
        ItemUpserted(item_id="n0", attributes={"category": "cheese", "price": 5.0}),
        *(
            EventRecorded(event_id=f"e{n}", customer_id=customer_id(n), item_id="n0", timestamp=START + DAYS * DAY + n)
            for n in range(CHEESE, 199, CATEGORIES)
        ),
        EventRecorded(event_id="x", customer_id="somebody new", item_id="n0", timestamp=START + DAYS * DAY + 300),
        CustomerForgotten(customer_id=LEFT),
    ])  # fmt: skip
    position = disk.newest()
    disk.close()
    data = ["--data", trained.data, "--data", f"log+{tmp_path / 'log'}"]
    made = run(*data, "--bundles", tmp_path / "b", "--warm-start", trained.bundles / "default" / "stable", "--json")
    assert made.exit_code == 0, made.output
    figures = json.loads(made.stdout)["metrics"]["warm_start"]
    assert figures["events"]["new"] == len(range(CHEESE, 199, CATEGORIES)) + 1
    assert figures["items"]["new"] == figures["customers"]["new"] == figures["customers"]["gone"] == 1
    model = unpack_model(open_bundle(tmp_path / "b", "default", "stable"))
    assert model.snapshot.position == position
    assert LEFT not in model.customers
    pipeline = Pipeline.load(tmp_path / "b", "default", "stable", ClockPolicy.LOG_END)
    (answer,) = pipeline.recommend([RecommendRequest(customer_id="somebody new", k=30, seen=Seen.INCLUDE)])
    assert "n0" in answer.item_ids


SHORT = "full_softmax_items = 20\nexamples_per_round = 3000\ntemperature = 0.2"
BARE = CONFIG.replace("[two_tower]", f"[two_tower]\n{SHORT}").replace("rounds = 4", "rounds = 1")
"""A sampled loss, which moves tables row by row."""


@pytest.mark.slow
@pytest.mark.parametrize("timed", [True, False])
def test_logs_without_features_or_times_can_be_gone_on_from(tmp_path, timed):
    def write(name, log):
        columns = log.columns if timed else ["customer_id", "item_id"]
        split = "" if timed else '\n[data]\nrepeats = false\nfeedback = "implicit"\n'
        return write_shop(tmp_path / name, {"interactions": log.select(columns)}, BARE + split)

    whole = grown_shop()["interactions"].filter(pl.col("customer_id") < "c100")
    before = whole.filter(pl.col("timestamp") < START + DAYS * DAY)
    first = run("--data", write("before", before), "--bundles", tmp_path / "b")
    assert first.exit_code == 0, first.output
    data = write("after", whole)
    made = run("--data", data, "--bundles", tmp_path / "b", "--warm-start", "stable", "--alias", "next", "--json")
    assert made.exit_code == 0, made.output
    metrics = json.loads(made.stdout)["metrics"]
    assert metrics["warm_start"]["events"]["new"] == len(whole) - len(before)
    assert metrics["split"]["kind"] == ("time" if timed else "random")
    assert all(funnel["end_to_end"]["ndcg@20"]["mean"] > 0 for funnel in metrics["ranking"]["judged"]["refitted pair"])
    assert replay(open_bundle(tmp_path / "b", "default", "next")).passed
