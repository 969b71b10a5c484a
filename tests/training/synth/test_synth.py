from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_training.errors import OutputError
from shortlist_training.log import FeedbackKind, read_log
from shortlist_training.synth import SETTINGS, RatingsKind, make_setting, write_setting
from shortlist_training.synth.catalogue import by_step
from shortlist_training.synth.features import truncated_normal
from shortlist_training.synth.goals import by_sigmoid

NOISE, PLANTED = RatingsKind
SHAPES = {"catalogue": (1000, 5, 50, 10), "goals": (1000, 5, 5, 3)}


@pytest.mark.parametrize("kind", list(RatingsKind))
@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_a_log_of_ratings(tmp_path: Path, name: str, kind: RatingsKind) -> None:
    write_setting(name, tmp_path / "log", kind=kind)

    log = read_log(tmp_path / "log")

    assert log.feedback is FeedbackKind.RATINGS
    assert log.repeats is False
    assert log.rating_scale == ((0.0, 1.0) if name == "goals" else (1.0, 5.0))
    assert log.report.dropped == ()
    assert log.report.notes == ()


def test_the_ten_ratings() -> None:
    log = make_setting("ratings", seed=7).tables["interactions"]

    assert log.columns == ["customer_id", "item_id", "rating"]
    assert sorted(log.rows()) == sorted(
        [
            *[("0", "0", 5), ("1", "1", 4), ("2", "2", 3), ("3", "3", 2), ("4", "4", 1)],
            *[("0", "5", 4), ("1", "2", 5), ("2", "3", 2), ("3", "4", 3), ("4", "5", 4)],
        ]
    )


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_and_ranges(name: str) -> None:
    customers, customer_features, products, product_features = SHAPES[name]
    tables = make_setting(name).tables

    assert tables["customers"].shape == (customers, 1 + customer_features)
    assert tables["items"].shape == (products, 1 + product_features)
    assert tables["customers"].columns[1:] == [f"c{n}" for n in range(1, customer_features + 1)]
    assert tables["items"].columns[1:] == [f"p{n}" for n in range(1, product_features + 1)]
    assert tables["interactions"].select("customer_id", "item_id").n_unique() == customers * products
    assert tables["new/new_customers"].shape == (200, 1 + customer_features)
    assert "new/truth" not in tables


@pytest.mark.parametrize("name", SHAPES)
def test_noise_ratings_are_even(name: str) -> None:
    ratings = make_setting(name).tables["interactions"]["rating"]

    assert ratings.mean() == pytest.approx(0.5 if name == "goals" else 3.0, abs=0.03)
    if name == "catalogue":
        assert sorted(ratings.unique()) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", list(RatingsKind))
@pytest.mark.parametrize("name", SETTINGS)
def test_the_seed_decides(name: str, kind: RatingsKind) -> None:
    one, same, other = (make_setting(name, kind=kind, seed=seed).tables for seed in (1, 1, 2))

    assert all(one[table].equals(same[table]) for table in one)
    given_rows = name == "ratings" and kind is NOISE
    assert one["interactions"].equals(other["interactions"]) is given_rows


def test_the_goods_of_the_shop_have_what_needs_can_be_stated_of() -> None:
    goods = make_setting("shop").tables["items"]

    assert goods.columns == ["item_id", "kind", "brand", "price", "organic"]
    assert goods["kind"].value_counts()["count"].to_list() == [20] * 6
    assert goods["brand"].n_unique() == 3
    assert goods["price"].min() > 0
    assert 0 < goods["organic"].sum() < len(goods)


def test_the_customers_of_the_planted_shop_have_a_kind_and_a_brand_they_like() -> None:
    tables = make_setting("shop", kind=PLANTED).tables
    pairs = pl.concat([tables["interactions"], tables["new/truth"]]).join(tables["items"], on="item_id")

    assert len(pairs) == 200 * 120
    best = pairs.filter(pl.col("rating") == 5).group_by("customer_id").agg(pl.col("kind", "brand").n_unique())
    assert len(best) > 150
    assert best["kind"].to_list() == best["brand"].to_list() == [1] * len(best)
    assert "new/truth" not in make_setting("shop").tables


@pytest.mark.parametrize("name", SHAPES)
def test_planted_ratings_follow_from_the_features(name: str) -> None:
    """A model that knows the form customer · W · product finds the truth about customers it has never seen."""
    tables = make_setting(name, kind=PLANTED).tables
    log, truth = tables["interactions"], tables["new/truth"]
    customers, items, new = (tables[table].drop(pl.selectors.string()).to_numpy() for table in _FEATURES)

    ratings = log["rating"].to_numpy().reshape(len(customers), len(items))
    target = np.log(ratings / (1 - ratings)) if name == "goals" else ratings - 3
    preferences = np.linalg.pinv(customers) @ target @ np.linalg.pinv(items).T
    found = new @ preferences @ items.T

    scores = truth["score"].to_numpy().reshape(found.shape)
    assert np.corrcoef(found.ravel(), scores.ravel())[0, 1] > 0.99
    best_three = np.argsort(-scores, axis=1)[:, :3]
    assert np.mean((best_three == found.argmax(1)[:, None]).any(1)) > 0.95


_FEATURES = ("customers", "items", "new/new_customers")


def test_truth_holds_ratings_by_the_scale_of_the_log() -> None:
    truth = make_setting("catalogue", kind=PLANTED).tables["new/truth"]

    assert truth.height == 200 * 50
    ordered = truth.sort("score")["rating"]
    assert ordered.is_sorted()
    assert set(ordered) == {1, 2, 3, 4, 5}


def test_planted_blocks_have_low_rank_and_even_means() -> None:
    tables = make_setting("ratings", kind=PLANTED).tables
    pairs = pl.concat([tables["interactions"], tables["new/truth"]])
    matrix = pairs.pivot("item_id", index="customer_id", values="rating").drop("customer_id").to_numpy()

    assert matrix.shape == (200, 60)
    assert np.linalg.matrix_rank(matrix) == 4
    assert np.allclose(matrix.mean(0), 3)
    assert np.allclose(matrix.mean(1), 3)
    assert tables["interactions"].height == pytest.approx(6000, rel=0.05)


@given(st.integers(0, 2**32), st.integers(1, 50), st.integers(1, 5))
def test_truncated_normal_stays_within_its_ends(seed: int, rows: int, columns: int) -> None:
    drawn = truncated_normal(np.random.default_rng(seed), rows, columns)

    assert drawn.shape == (rows, columns)
    assert np.abs(drawn).max() <= 1


def test_truncated_normal_is_cut_not_clipped() -> None:
    drawn = truncated_normal(np.random.default_rng(0), 20_000, 1)

    assert (np.abs(drawn) == 1).sum() == 0
    # The variance of a standard normal cut at one standard deviation: 1 - 2 φ(1) / (2 Φ(1) - 1).
    assert drawn.var() == pytest.approx(0.2911, abs=0.01)


@settings(max_examples=30)
@given(st.lists(st.floats(-5, 5), min_size=10, max_size=50, unique=True))
def test_ratings_rise_with_scores(scores: list[float]) -> None:
    matrix = np.sort(np.array(scores))[None, :]

    assert (np.diff(by_step(matrix, matrix)) >= 0).all()
    assert (np.diff(by_sigmoid(matrix, matrix)) >= 0).all()
    assert set(np.unique(by_step(matrix, matrix))) <= {1, 2, 3, 4, 5}


def test_a_rating_is_a_step_of_one_standard_deviation() -> None:
    reference = np.array([[-1.0, 1.0]])

    scores = np.array([[-9.0, -1.4, -0.6, 0.4, 0.6, 1.6, 9.0]])
    assert by_step(scores, reference).tolist() == [[1, 2, 2, 3, 4, 5, 5]]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.csv").touch()

    with pytest.raises(OutputError, match="there is something here already"):
        write_setting("ratings", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["precious.csv"]


def test_a_folder_appears_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()

    write_setting("goals", tmp_path / "log", kind=PLANTED)

    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    files = sorted(str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log").rglob("*.*"))
    assert files == [
        "customers.parquet",
        "interactions.parquet",
        "items.parquet",
        "new/new_customers.parquet",
        "new/truth.parquet",
        "shortlist.toml",
    ]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        write_setting("ratings", tmp_path / "file" / "log")
