"""Drawn lists over a real socket are those of the pipeline, and the reply holds what drawing them again takes."""

from dataclasses import replace

import pytest
from calls import listening
from small_models import customer, pipeline_of

from shortlist_bundle.exploration.settings import Exploration as Settings
from shortlist_bundle.policy import Placement
from shortlist_client import Client, Exploration
from shortlist_server.pipeline.request import ExplorationRequest, RecommendRequest

PLAIN = pipeline_of()
SHELF = Settings(policy="epsilon_greedy", strength=0.5, slots=(1, 2))
PIPELINE = pipeline_of(
    replace(PLAIN.served, policy=replace(PLAIN.served.policy, placements={"shelf": Placement(exploration=SHELF)}))
)


@pytest.fixture(scope="module")
def client():
    with listening(PIPELINE) as (_, address), Client(address, timeout=30.0) as client:
        yield client


@pytest.mark.parametrize("policy", ["epsilon_greedy", "boltzmann", "thompson", "linucb"])
def test_over_the_wire_as_in_the_process(client, policy):
    wanted = {"policy": policy, "seed": 2**64 - 1, "strength": 0.75, "temperature": 0.5, "slots": (0, 2)}
    found = client.recommend(customer(2), k=5, exploration=Exploration(**wanted))
    (own,) = PIPELINE.recommend(
        [RecommendRequest(customer_id=customer(2), k=5, exploration=ExplorationRequest(**wanted))]
    )
    assert list(found.item_ids) == list(own.item_ids)
    assert [item.propensity for item in found] == pytest.approx(own.exploration.propensities, rel=1e-6)
    report = found.exploration
    assert (report.policy, report.seed, report.strength, report.temperature, report.slots) == tuple(wanted.values())
    assert report.standard_errors == pytest.approx(tuple(own.exploration.standard_errors), rel=1e-6)
    (row,) = client.recommend_batch([customer(2)], k=5, exploration=Exploration(**wanted))
    assert row.result().item_ids == found.item_ids
    with client.session(customer(2), k=5, exploration=Exploration(**wanted)) as session:
        assert session.recommend().item_ids == found.item_ids


def test_a_seed_that_the_server_drew_draws_the_list_again(client):
    wanted = Exploration(policy="boltzmann", temperature=5.0)
    first, other = (client.recommend(customer(3), k=8, exploration=wanted) for _ in range(2))
    assert first.exploration.seed != other.exploration.seed
    again = client.recommend(customer(3), k=8, exploration=replace(wanted, seed=first.exploration.seed))
    assert again.item_ids == first.item_ids


def test_without_exploration_nothing_of_it_is_said(client):
    found = client.recommend(customer(2), k=5, include_timings=True)
    assert found.exploration is None
    assert all(item.propensity is None for item in found)
    assert "explore" not in found.timings_ms


def test_a_placement_explores_and_says_so(client):
    found = client.recommend(customer(2), k=5, placement="shelf")
    assert (found.exploration.policy, found.exploration.slots) == ("epsilon_greedy", (1, 2))
    (shelf,) = [one for one in client.describe_model().placements if one.name == "shelf"]
    assert shelf.exploration == Exploration(policy="epsilon_greedy", strength=0.5, temperature=1.0, slots=(1, 2))
