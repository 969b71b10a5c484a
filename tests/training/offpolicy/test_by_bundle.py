"""What a bundle says of logged slates agrees with what its server has logged of them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from small_models import CUSTOMERS, LOG_END, RATINGS, customer, model_of, pipeline_of

from shortlist_bundle.diversity.settings import Diversity
from shortlist_bundle.exploration.settings import Exploration
from shortlist_bundle.policy import Placement
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_training.errors import ConfigError, DataError
from shortlist_training.offpolicy.by_bundle import compared_with_bundle, placement_named

PLAIN = model_of()
PLACEMENTS = {
    "greedy": Placement(exploration=Exploration(policy="epsilon_greedy", strength=0.3, slots=(1, 3))),
    "soft": Placement(exploration=Exploration(policy="boltzmann", strength=0.8, temperature=0.7)),
    "varied": Placement(
        diversity=Diversity(method="mmr", strength=0.6, caps=(("kind", 2),)),
        exploration=Exploration(policy="epsilon_greedy", strength=0.5),
    ),
    "bound": Placement(exploration=Exploration(policy="linucb", strength=0.4)),
    "sampled": Placement(exploration=Exploration(policy="thompson")),
    "still": Placement(),
}
MODEL = replace(PLAIN, policy=replace(PLAIN.policy, placements=PLACEMENTS))
PIPELINE = pipeline_of(MODEL)


def log_of(folder, placement, count=60, k=5):
    """Serve lists and write their log."""
    requests = [
        RecommendRequest(customer_id=customer(1 + n % CUSTOMERS), k=k, placement=placement, as_of=LOG_END)
        for n in range(count)
    ]
    rows = []
    for n, answer in enumerate(PIPELINE.recommend(requests)):
        told = answer.exploration.propensities if answer.exploration else [1.0] * k
        for place, (item, chance) in enumerate(zip(answer.item_ids, told, strict=True)):
            rows.append((f"s{n:03}", requests[n].customer_id, LOG_END, place, item, chance, float(place == n % k)))
    names = ["impression_id", "customer_id", "as_of", "position", "item_id", "probability", "reward"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(folder / "log.parquet")
    return folder / "log.parquet"


@pytest.mark.parametrize("placement", ["greedy", "soft", "varied", "bound", "still"])
def test_of_its_own_log_a_policy_has_the_logged_probabilities(tmp_path, placement):
    found = compared_with_bundle(log_of(tmp_path, placement), MODEL, MODEL.policy.placements[placement])
    np.testing.assert_allclose(found.new, found.logged, rtol=1e-4)
    np.testing.assert_allclose(found.whole, 1.0, rtol=1e-3)


def test_thompson_agrees_within_its_errors(tmp_path):
    found = compared_with_bundle(log_of(tmp_path, "sampled", count=12), MODEL, MODEL.policy.placements["sampled"])
    chances = np.maximum(found.logged, found.new)
    assert (np.abs(found.new - found.logged) < 5 * np.sqrt(2 * chances / 1_000) + 0.002).all()


def test_another_policy_has_other_probabilities_and_one_that_never_tries_has_none(tmp_path):
    log = log_of(tmp_path, "greedy")
    bolder = compared_with_bundle(log, MODEL, placement_named(MODEL, "epsilon_greedy:0.6"))
    still = compared_with_bundle(log, MODEL, placement_named(MODEL, "none"))
    assert set(np.unique(still.new)) <= {0.0, 1.0}
    drawn = still.whole == 0
    assert 0 < drawn.sum() < len(drawn)
    # By hand: 0.3 of one of n at each of the two drawn places; where it was not the usual one, twice as often at 0.6.
    first = (still.new[:, 0] == 1) & (still.new[:, 1] == 0)
    np.testing.assert_allclose(bolder.new[first, 1] / bolder.logged[first, 1], 2.0, rtol=1e-4)


def test_items_and_customers_that_the_bundle_does_not_know(tmp_path):
    log = pl.read_parquet(log_of(tmp_path, "soft", count=6))
    strange = log.with_columns(
        item_id=pl.when(pl.col("position") == 2).then(pl.lit("nobody knows")).otherwise("item_id"),
        customer_id=pl.lit("stranger"),
    )
    strange.write_parquet(tmp_path / "strange.parquet")
    found = compared_with_bundle(tmp_path / "strange.parquet", MODEL, MODEL.policy.placements["soft"])
    assert (found.new[:, 2:] == 0).all()
    assert (found.new[:, :1] >= 0).all()


def test_what_is_no_policy_is_refused(tmp_path):
    assert placement_named(MODEL, "soft") is MODEL.policy.placements["soft"]
    assert placement_named(MODEL, "boltzmann").exploration.strength == 1.0
    for name in ("dice", "boltzmann:2", "boltzmann:much"):
        with pytest.raises(ConfigError, match="neither a file nor a policy of the bundle"):
            placement_named(MODEL, name)
    rated = model_of(engine=False, ratings=RATINGS["embedding"](), by_rating=True)
    with pytest.raises(DataError, match="only predicts ratings"):
        compared_with_bundle(log_of(tmp_path, "soft", count=2), rated, Placement())
