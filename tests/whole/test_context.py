"""A context column that decides what is taken: learnt, kept in the bundle, and read from the request."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shortlist_server.errors import InvalidRequest
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest, Seen
from shortlist_training.config.run import RunConfig
from shortlist_training.errors import ConfigError
from shortlist_training.log import Log, read_log
from shortlist_training.progress import Silent
from shortlist_training.run import train

WEB = {f"i{n:02d}" for n in range(20)}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """On the web people take items 0 to 19, in the app 20 to 39, whoever they are."""
    folder = tmp_path_factory.mktemp("context")
    random = np.random.default_rng(0)
    device = random.choice(["web", "app"], 4000)
    item = np.where(device == "web", random.integers(0, 20, 4000), random.integers(20, 40, 4000))
    pl.DataFrame(
        {
            "customer_id": [f"c{row}" for row in random.integers(0, 100, 4000)],
            "item_id": [f"i{row:02d}" for row in item],
            "timestamp": np.sort(random.integers(1_500_000_000, 1_600_000_000, 4000)),
            "device": device,
        }
    ).write_parquet(folder / "interactions.parquet")
    return read_log(folder)


@pytest.fixture(scope="module")
def pipeline(log: Log, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    bundles = tmp_path_factory.mktemp("bundles")
    config = RunConfig()
    towers = replace(config.two_tower, rounds=5, embedding_size=32, history_length=20, context=("device",))
    scorer = replace(config.scorer, rounds=8)
    train(log, replace(config, two_tower=towers, scorer=scorer), bundles, Silent())
    return load_pipeline(bundles, "default", "stable", ClockPolicy.LOG_END)


def asked(pipeline: Pipeline, **context: str) -> Recommendations:
    answer = pipeline.recommend([RecommendRequest(customer_id="c1", k=10, context=context, seen=Seen.INCLUDE)])[0]
    assert isinstance(answer, Recommendations)
    return answer


def test_the_context_of_the_request_decides(pipeline: Pipeline) -> None:
    # The scorer's labels are whole windows, in which both devices were used, so it softens what the tower is sure of.
    on_the_web = len(set(asked(pipeline, device="web").item_ids) & WEB)
    in_the_app = len(set(asked(pipeline, device="app").item_ids) & WEB)
    assert on_the_web >= in_the_app + 4


def test_the_nearest_items_are_those_of_the_context(pipeline: Pipeline) -> None:
    requests = [RecommendRequest(customer_id="c1", context={"device": device}) for device in ("web", "app")]
    ids = pipeline.served.items.ids(range(1, len(pipeline.served.items)))
    logits = pipeline.encode_customers(requests).vectors @ pipeline.encode_items(ids).T
    web, app = ({ids[row] for row in np.argsort(-of_one)[:10]} for of_one in logits)
    assert web <= WEB
    assert not app & WEB


def test_without_it_there_is_an_answer_too(pipeline: Pipeline) -> None:
    answer = asked(pipeline)
    assert len(answer.item_ids) == 10
    assert answer.unknown_attributes == ()


def test_what_the_bundle_does_not_read_is_said(pipeline: Pipeline) -> None:
    assert asked(pipeline, weather="rain").unknown_attributes == ("context.weather",)


def test_a_batch_mixes_contexts(pipeline: Pipeline) -> None:
    requests = [
        RecommendRequest(customer_id="c1", k=10, context=context, seen=Seen.INCLUDE)
        for context in ({"device": "web"}, {}, {"device": "app"})
    ]
    together = pipeline.recommend(requests)
    alone = [pipeline.recommend([request])[0] for request in requests]
    assert [answer.item_ids for answer in together] == [answer.item_ids for answer in alone]  # type: ignore[union-attr]


def test_a_value_the_column_cannot_hold_is_refused(pipeline: Pipeline) -> None:
    answer = pipeline.recommend([RecommendRequest(customer_id="c1", context={"device": ["web", "app"]})])[0]  # type: ignore[dict-item]
    assert isinstance(answer, InvalidRequest)
    assert answer.violations[0].field == "context[device]"


def test_the_description_names_it(pipeline: Pipeline) -> None:
    assert pipeline.description().features["interactions"] == {"device": "category"}


def test_a_column_that_is_not_there_is_named(log: Log, tmp_path: Path) -> None:
    config = replace(RunConfig(), two_tower=replace(RunConfig().two_tower, context=("devise",)))
    with pytest.raises(ConfigError, match="Did you mean 'device'"):
        train(log, config, tmp_path, Silent())
