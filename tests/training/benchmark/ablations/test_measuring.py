"""The whole of one seed on a small log: what the scorer lives on is missed, what it does not use is not."""

import json
from dataclasses import replace

import polars as pl
import pytest
from small_logs import log_of

from shortlist_training.benchmark.ablations import measuring as module
from shortlist_training.benchmark.ablations.files import FULL, SOURCES
from shortlist_training.benchmark.ablations.material import Material
from shortlist_training.benchmark.ablations.measuring import measure_all
from shortlist_training.benchmark.seeds.folder import BEGUN, SeedFolder
from shortlist_training.config.models import EmbeddingConfig, ScorerConfig, TwoTowerConfig
from shortlist_training.config.run import RunConfig
from shortlist_training.errors import DataError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.progress import Silent

CONFIG = RunConfig(
    embedding=EmbeddingConfig(embedding_size=8),
    two_tower=TwoTowerConfig(embedding_size=8, temperature=0.2, history_length=10, rounds=1),
    scorer=ScorerConfig(hidden=(8,), rounds=3, learning_rate=0.02, budget=3),
)
WANTED = ("encodings", "source-own_past", "alone-own_past")


def habits():
    """Eighty customers, each of whom takes the same three of forty items again and again."""
    return log_of(
        [
            (f"c{n:02}", f"i{(n + 7 * (turn % 3)) % 40:02}", 10.0 * turn + n / 80)
            for n in range(80)
            for turn in range(24)
        ]
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Measure three variants, then the same again where one of them is missing."""
    kept = SeedFolder(tmp_path_factory.mktemp("seed"))
    everything = module.variants
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "variants", lambda *given: [one for one in everything(*given) if one.key in WANTED])
        about = measure_all(habits(), CONFIG, kept, Silent())
    return kept, about


def figures(kept, key, mode="all"):
    return kept.read(key).filter(pl.col("mode") == mode)["ndcg"].mean()


def test_every_variant_has_figures_of_every_list(measured):
    kept, about = measured
    assert [one["key"] for one in about["variants"]] == list(WANTED)
    for key in WANTED:
        assert kept.read(key).select("mode", "customer_id").equals(kept.read(FULL).select("mode", "customer_id"))
    assert (about["k"], about["budget"], about["sources"]) == (
        20,
        3,
        [name for name in CONFIG.sources.names if name not in ("content", "segment_popularity")],
    )


def test_habits_are_found_by_the_own_past_alone(measured):
    kept, _ = measured
    assert figures(kept, FULL) > 0.9
    assert figures(kept, "alone-own_past") > 0.9
    assert figures(kept, "source-own_past") < figures(kept, FULL) - 0.2


def test_what_there_was_to_order_bounds_what_was_made_of_it(measured):
    kept, _ = measured
    found = kept.read(SOURCES)
    both = found.join(kept.read(FULL), on=["mode", "customer_id"])
    assert (both["ndcg"] <= both["perfect"] + 1e-9).all()
    assert (found["merged"] <= found["recall:all sources together@200"] + 1e-9).all()
    own = found.filter(pl.col("mode") == "all")["recall:own_past@10"]
    assert own.mean() == pytest.approx(1.0)


def test_what_is_there_stays_and_what_is_missing_comes_out_the_same(measured, monkeypatch):
    kept, about = measured
    everything, before = module.variants, kept.read("encodings")
    (kept.folder / "encodings.parquet").unlink()
    stamp = (kept.folder / "source-own_past.parquet").stat().st_mtime_ns
    monkeypatch.setattr(module, "variants", lambda *given: [one for one in everything(*given) if one.key in WANTED])
    assert measure_all(habits(), CONFIG, kept, Silent()) == about
    assert kept.read("encodings").equals(before)
    assert (kept.folder / "source-own_past.parquet").stat().st_mtime_ns == stamp
    assert set(json.loads((kept.folder / BEGUN).read_text())) == {"fingerprint"}


def test_a_log_of_ratings_alone_has_no_ranking_to_take_apart():
    with pytest.raises(DataError, match="ratings alone"):
        Material.of(replace(habits(), feedback=FeedbackKind.RATINGS), CONFIG, Silent())
