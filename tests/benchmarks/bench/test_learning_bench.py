"""The simulated shop: drawn from its seed, fitted to a log, and summed up by hand."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from shortlist_bench.learning import constants
from shortlist_bench.learning.arms import ARMS, MEANING
from shortlist_bench.learning.fitting import fit
from shortlist_bench.learning.past import attributes_of, live_through_the_past, number_of, write_log
from shortlist_bench.learning.plots import FILES, write_plots
from shortlist_bench.learning.report import as_json, markdown, plain
from shortlist_bench.learning.results import file_of, read_days, write_days
from shortlist_bench.learning.shop import Day
from shortlist_bench.learning.shoppers import Shoppers
from shortlist_bench.learning.summary import coverage, figures_of, first_day, mean_of, summary
from shortlist_bench.learning.world import START, Size, Visit, World
from shortlist_bench.learning_commands import learning

SMALL = Size(customers=20, items=60, past=3, days=4, arrivals=0.05)


def test_a_world_is_its_seed():
    one, other, another = World(SMALL, 1), World(SMALL, 1), World(SMALL, 2)
    for day in (0, 4, 6):
        np.testing.assert_array_equal(one.value(day), other.value(day))
        assert one.visits(day) == other.visits(day)
        assert not np.array_equal(one.value(day), another.value(day))
    assert live_through_the_past(one, Shoppers(one)) == live_through_the_past(other, Shoppers(other))
    assert list(MEANING) == list(ARMS)


def test_items_come_day_by_day_and_tastes_move():
    world = World(SMALL, 0)
    assert [int(world.there(day).sum()) for day in range(7)] == [60, 60, 60, 63, 66, 69, 72]
    steps = world.value(1) - world.value(0)
    assert 0.1 < steps.std() < 0.5
    assert set(attributes_of(world, 61)) == {"category", "brand", "price"}
    moments = [visit.moment for visit in world.visits(2)]
    assert moments == sorted(moments)
    assert START + 2 * 86_400 < moments[0] < moments[-1] < START + 3 * 86_400


def test_customers_take_what_they_like_tire_of_the_rest_and_come_to_know_what_they_see():
    world = World(SMALL, 0)
    shoppers = Shoppers(world)
    shoppers.begin(3)
    visit = Visit(0, START, 0)
    best, worst = (np.argsort(sign * world.value(3)[0][:60])[:5].tolist() for sign in (-1, 1))
    taken = {name: sum(len(shoppers.visit(visit, items).places) for _ in range(200)) for name, items in
             (("best", best), ("worst", worst))}  # fmt: skip
    assert taken["best"] > 3 * taken["worst"]
    new = int(np.flatnonzero(world.born == 3)[0])
    many = [Visit(0, START, 6)] * 40
    before = shoppers._logits(0, np.array([new]))[0]
    for one in many:
        shoppers.visit(one, [new])
    after = shoppers._logits(0, np.array([new]))[0]
    assert after < before
    rested = shoppers._tired[0, new]
    shoppers.begin(4)
    assert shoppers._tired[0, new] == pytest.approx(constants.REST * rested)


def test_the_shop_repeats_as_the_log_does():
    world = World(Size(), 0)
    rows = live_through_the_past(world, Shoppers(world))
    seen, repeats = set(), []
    for number, (customer, item, _) in enumerate(rows):
        if number > 0.75 * len(rows):
            repeats.append((customer, item) in seen)
        seen.add((customer, item))
    assert abs(np.mean(repeats) - constants.FITTED["repeats"]) < 0.1


def test_what_is_fitted_is_what_a_log_was_drawn_with(tmp_path):
    """200 customers, 2 visits a week of 5 takings each; tastes that never move, of a known width."""
    random = np.random.default_rng(0)
    tastes = np.exp(random.normal(0, 0.8, (200, 20)))
    tastes /= tastes.sum(axis=1, keepdims=True)
    rows = []
    for week in range(48):
        for customer in range(200):
            for visit in range(2):
                moment, order = (7 * week + 3 * visit) * 86_400, f"{customer}-{week}-{visit}"
                chosen = random.choice(20, 5, p=tastes[customer])
                rows += [(f"c{customer}", f"i{one}-{random.integers(5)}", moment, order) for one in chosen]
    columns = ["customer_id", "item_id", "timestamp", "order_id"]
    log = pl.DataFrame(rows, schema=columns, orient="row")
    log.write_parquet(tmp_path / "interactions.parquet")
    items = log.select("item_id").unique().with_columns(product_category=pl.col("item_id").str.split("-").list.first())
    items.write_parquet(tmp_path / "items.parquet")
    found = fit(tmp_path)
    assert found["visits"] == pytest.approx(2.0, rel=0.05)
    assert found["basket"] == 5
    assert found["activity"] == pytest.approx(0.0, abs=0.05)
    assert found["tastes"] == pytest.approx(0.8, abs=0.15)
    assert found["drift"] < 0.05
    assert found["arrivals"] == 0
    assert set(found) == set(constants.FITTED)
    assert CliRunner().invoke(learning, ["--fit", str(tmp_path)]).exit_code == 0


def days_of(rewards, *, there=10, met=4, visits=100):
    return [
        Day(visits=visits, reward=reward, new_shown=20, new_taken=5, there=there, met=met, bundle="v")
        for reward in rewards
    ]


def test_figures_by_hand():
    days = days_of([100, 200, 300, 400, 500])
    assert first_day(5) == first_day(4) == 1
    assert first_day(8) == 2
    found = figures_of(days)
    assert (found["reward"], found["later"], found["last day"]) == (3.0, 3.5, 5.0)
    assert (found["new"], found["new shown"], found["coverage"]) == (0.05, 0.2, 0.4)
    assert coverage(Day()) == 0.0
    middle = mean_of([1.0, 2.0, 3.0])
    # Student's t with two degrees of freedom: 4.303 times 1 / sqrt(3).
    assert (middle.mean, middle.half) == (2.0, pytest.approx(2.484, abs=1e-3))
    assert str(mean_of([2.0])) == "2.000"


def test_arms_are_compared_within_their_worlds(tmp_path):
    runs = {}
    for seed, base in ((0, 100), (1, 900), (2, 300)):
        runs[seed, "frozen"] = days_of([base] * 4)
        runs[seed, "explored"] = days_of([base + 10] * 4, met=8)
    # A seed that not every arm has is left out.
    runs[3, "frozen"] = days_of([0] * 4)
    found = summary(runs, ["frozen", "explored"])
    assert found["seeds"] == [0, 1, 2]
    more = found["more"]["explored over frozen"]
    assert (more["reward"].mean, more["reward"].half) == (pytest.approx(0.1), pytest.approx(0.0, abs=1e-9))
    assert more["coverage"].mean == pytest.approx(0.4)
    assert found["arms"]["frozen"]["reward"].half > 5
    assert "explored over frozen" in plain(found)
    assert markdown(found).count("\n") == 4
    assert json.loads(json.dumps(as_json(found)))["seeds"] == [0, 1, 2]
    assert [file.name for file in write_plots(runs, ["frozen", "explored"], tmp_path)] == list(FILES)


def test_what_was_done_is_not_done_again(tmp_path):
    file, days = file_of(tmp_path, 0, "frozen"), days_of([1, 2])
    assert read_days(file, SMALL) is None
    write_days(file, SMALL, days)
    assert read_days(file, SMALL) == days
    assert read_days(file, replace(SMALL, days=5)) is None


def test_a_log_is_written_in_the_form_of_the_contract(tmp_path):
    world = World(SMALL, 0)
    write_log(tmp_path, world, live_through_the_past(world, Shoppers(world)), range(60))
    items = pl.read_csv(tmp_path / "items.csv")
    log = pl.read_csv(tmp_path / "interactions.csv")
    assert items.columns == ["item_id", "category", "brand", "price"]
    assert items.height == 60
    assert set(log["item_id"]) <= set(items["item_id"])
    assert number_of(items["item_id"][7]) == 7


@pytest.mark.parametrize("args", [["--arms", "frozen,better"], ["--arms", "frozen,frozen"], ["--seeds", "1,x"]])
def test_what_cannot_be_run_is_refused(args, tmp_path):
    found = CliRunner().invoke(learning, [*args, "--out", str(tmp_path)])
    assert found.exit_code == 2
    assert args[0] in found.output
