"""Lists with drawn places through the whole pipeline: what is asked, what is drawn, what the reply admits."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from small_models import CUSTOMERS, ITEMS, RATINGS, customer, item, model_of, pipeline_of

from shortlist_bundle.diversity.settings import Quota
from shortlist_bundle.exploration.head import head_features, novelty_of
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.settings import STRENGTHS, Exploration
from shortlist_bundle.filters.conditions import Equals
from shortlist_bundle.knowledge.wishes import Near, Wish
from shortlist_bundle.packing import pack_model
from shortlist_bundle.packing.posterior import unpack_posterior
from shortlist_bundle.policy import Placement
from shortlist_server.errors import InvalidRequest, PipelineError, UnknownPlacement
from shortlist_server.pipeline.exploring import merged
from shortlist_server.pipeline.needs import Must, Needs
from shortlist_server.pipeline.request import DiversityRequest, ExplorationRequest, RecommendRequest, Seen

PIPELINE = pipeline_of()
MODEL = PIPELINE.served
KINDS = MODEL.catalogue.attributes["kind"]
POLICIES = [name for name in STRENGTHS if name != "none"]
EXPLORATIONS = st.builds(
    ExplorationRequest,
    policy=st.sampled_from(POLICIES),
    seed=st.integers(0, 2**64 - 1),
    strength=st.none() | st.floats(0.01, 1.0),
    temperature=st.none() | st.sampled_from([1e-6, 0.5, 1e6]),
    slots=st.sampled_from([(), (0,), (1, 3), (999,)]),
)


def one(pipeline=PIPELINE, **fields):
    (answer,) = pipeline.recommend([RecommendRequest(**fields)])
    if isinstance(answer, PipelineError):
        raise answer
    return answer


def asked(policy="epsilon_greedy", **fields):
    return ExplorationRequest(policy=policy, **fields)


@settings(max_examples=50)
@given(EXPLORATIONS, st.integers(1, CUSTOMERS), st.integers(1, ITEMS + 3), st.sampled_from(Seen), st.booleans())
def test_an_explored_list_keeps_to_filters_and_says_its_probabilities(exploration, number, k, seen, filtered):
    fields = {"customer_id": customer(number), "seen": seen, "exclude_items": [item(3)]}
    fields["filter"] = Equals("kind", "milk") if filtered else None
    plain = one(k=k, **fields)
    answer = one(k=k, exploration=exploration, **fields)
    assert len(answer.item_ids) == len(set(answer.item_ids)) == len(plain.item_ids)
    assert item(3) not in answer.item_ids
    if filtered:
        assert set(KINDS.values.ids(KINDS.codes[MODEL.items.rows(answer.item_ids)])) <= {"milk"}
    report = answer.exploration
    assert len(report.propensities) == len(answer.item_ids)
    assert all(0.0 < chance <= 1.0 + 1e-12 for chance in report.propensities)
    assert report.seed == exploration.seed
    assert one(k=k, exploration=replace(exploration, seed=report.seed), **fields).item_ids == answer.item_ids
    drawn = [slot for slot in range(len(answer.item_ids)) if not exploration.slots or slot in exploration.slots]
    assert all(report.propensities[slot] == 1.0 for slot in range(len(answer.item_ids)) if slot not in drawn)
    if not drawn:
        assert answer.item_ids == plain.item_ids


@settings(max_examples=15)
@given(st.lists(st.tuples(EXPLORATIONS, st.integers(1, CUSTOMERS), st.integers(1, 9)), min_size=1, max_size=5))
def test_a_batch_draws_as_each_alone(rows):
    requests = [RecommendRequest(customer_id=customer(n), k=k, exploration=wanted) for wanted, n, k in rows]
    for request, together in zip(requests, PIPELINE.recommend(requests), strict=True):
        (alone,) = PIPELINE.recommend([request])
        assert together.item_ids == alone.item_ids
        np.testing.assert_allclose(together.exploration.propensities, alone.exploration.propensities, atol=1e-4)


def test_without_a_seed_every_list_has_a_fresh_one_which_draws_it_again():
    request = RecommendRequest(customer_id=customer(2), k=5, exploration=asked(strength=1.0))
    answers = PIPELINE.recommend([request] * 20)
    assert len({answer.exploration.seed for answer in answers}) == 20
    for answer in answers:
        again = one(customer_id=customer(2), k=5, exploration=asked(strength=1.0, seed=answer.exploration.seed))
        assert (again.item_ids, again.exploration) == (answer.item_ids, answer.exploration)


def test_one_seed_draws_apart_for_different_customers():
    rows = [RecommendRequest(customer_id=f"nobody-{n}", k=5, exploration=asked(strength=1.0, seed=4)) for n in range(9)]
    assert len({tuple(answer.item_ids) for answer in PIPELINE.recommend(rows)}) > 5


@pytest.mark.parametrize("policy", STRENGTHS)
def test_strength_0_is_the_list_without_exploration(policy):
    plain = one(customer_id=customer(2), k=12, explain=True)
    answer = one(customer_id=customer(2), k=12, explain=True, exploration=asked(policy, strength=0.0, seed=1))
    assert (answer.item_ids, answer.scores, answer.explanations) == (plain.item_ids, plain.scores, plain.explanations)
    assert answer.exploration is None
    assert "explore" not in answer.timings_ms


def test_items_come_as_often_as_the_reply_says():
    """The second place of a short list, in 3,000 lists; a wrong probability is told."""
    requests = [
        RecommendRequest(
            customer_id=customer(2), k=2, exploration=asked("boltzmann", temperature=1.5, slots=(1,), seed=seed)
        )
        for seed in range(3_000)
    ]
    answers = PIPELINE.recommend(requests)
    assert len({answer.item_ids[0] for answer in answers}) == 1
    seen = Counter(answer.item_ids[1] for answer in answers)
    chances = {answer.item_ids[1]: answer.exploration.propensities[1] for answer in answers}
    own = np.array([chances[name] for name in seen])
    counts = np.array(list(seen.values()), np.float64)
    wrong = np.where(own < np.median(own), 1.4 * own, own)
    assert own.sum() > 0.99
    assert chisquare(counts, counts.sum() * own / own.sum()).pvalue > 0.001
    assert chisquare(counts, counts.sum() * wrong / wrong.sum()).pvalue < 1e-4


def test_caps_bind_what_is_drawn_and_quotas_are_kept():
    varied = DiversityRequest(caps=(("kind", 2),), quotas=(Quota(attribute="kind", value="bread", at_least=2),))
    for seed in range(30):
        answer = one(customer_id=customer(2), k=5, diversity=varied, exploration=asked(strength=1.0, seed=seed))
        kinds = Counter(KINDS.values.ids(KINDS.codes[MODEL.items.rows(answer.item_ids)]))
        kinds.pop("", None)
        assert max(kinds.values()) <= 2
        assert kinds["bread"] == 2
        assert answer.fallbacks == ()


def test_undrawn_places_follow_the_varied_list():
    varied = DiversityRequest(method="mmr", strength=1.0)
    before = one(customer_id=customer(2), k=8, diversity=varied)
    for seed in range(10):
        answer = one(
            customer_id=customer(2), k=8, diversity=varied, exploration=asked(strength=1.0, slots=(2,), seed=seed)
        )
        assert answer.item_ids[:2] == before.item_ids[:2]
        rest = [name for name in before.item_ids if name != answer.item_ids[2]]
        assert [*answer.item_ids[:2], *answer.item_ids[3:]] == rest[:7]


def test_reasons_say_what_drawing_moved():
    answer = one(customer_id=customer(2), k=6, explain=True, exploration=asked(strength=1.0, seed=3))
    moves = [move for why in answer.explanations for move in why.moves]
    assert moves
    assert {move.rule for move in moves} == {"exploration"}
    assert all(why.sources for why in answer.explanations)


@pytest.mark.parametrize("sources", [{}, {"knowledge": 1.0}])
@pytest.mark.parametrize("policy", POLICIES)
def test_lists_for_stated_needs_are_explored_within_the_musts(policy, sources):
    needs = Needs(
        musts=(Must(condition=Equals("kind", "nuts"), text="kind = nuts"),), wishes=(Wish("price", Near(5.0, 1.0)),)
    )
    fields = {"customer_id": customer(2), "k": 4, "needs": needs, "sources": sources}
    lists = {tuple(one(**fields, exploration=asked(policy, strength=1.0, seed=seed)).item_ids) for seed in range(12)}
    assert len(lists) > 1
    for found in lists:
        assert set(KINDS.values.ids(KINDS.codes[MODEL.items.rows(found)])) == {"nuts"}


def test_ratings_are_explored_too_but_have_no_head():
    pipeline = pipeline_of(model_of(engine=False, ratings=RATINGS["embedding"](), by_rating=True))
    answer = one(pipeline, customer_id=customer(2), k=5, exploration=asked("boltzmann", temperature=1.0, seed=1))
    assert len(answer.exploration.propensities) == 5
    for policy in ("thompson", "linucb"):
        with pytest.raises(InvalidRequest, match=r"exploration\.policy: '.*' needs towers"):
            one(pipeline, customer_id=customer(2), k=5, exploration=asked(policy))
    assert pipeline.exploring.posterior is None


def test_only_thompson_has_errors():
    for policy in POLICIES:
        answer = one(customer_id=customer(2), k=5, exploration=asked(policy, seed=1))
        assert bool(answer.exploration.standard_errors) == (policy == "thompson")


def test_what_the_head_saw_goes_with_the_list_and_not_into_comparisons():
    plain = one(customer_id=customer(2), k=4, exploration=asked("boltzmann", seed=1))
    assert plain.exploration.head is None
    request = RecommendRequest(customer_id=customer(2), k=4, exploration=asked("thompson", seed=1))
    other = RecommendRequest(customer_id=customer(3), k=4, exploration=asked("thompson", seed=1))
    own, beside = PIPELINE.recommend([request, other])
    again = one(customer_id=customer(2), k=4, exploration=asked("thompson", seed=1))
    assert own.exploration == again.exploration
    retriever = MODEL.engine.retriever
    rows, head = MODEL.items.rows(own.item_ids), own.exploration.head
    takings = retriever.counts.cumulative[-1, rows]
    expected = head_features(
        head.features[:, 1], head.customer, retriever.tower_items.vectors[rows], novelty=novelty_of(takings)
    )
    np.testing.assert_allclose(head.features, expected, rtol=1e-6)
    np.testing.assert_allclose(head.features, again.exploration.head.features, rtol=1e-5)
    assert not np.allclose(head.customer, beside.exploration.head.customer)


def test_a_head_that_has_learnt_draws_another_list():
    wanted = asked("linucb", strength=1e-9, temperature=0.0001, slots=(0,), seed=1)
    plain = one(customer_id=customer(2), k=10)
    assert one(customer_id=customer(2), k=1, exploration=wanted).item_ids == plain.item_ids[:1]
    last = one(customer_id=customer(2), k=10, exploration=replace(wanted, slots=(9,)))
    features, prior = last.exploration.head.features[-1], PIPELINE.exploring.posterior
    precision, vector = prior.precision + 300 * np.outer(features, features), prior.vector + 9_000 * features
    model = replace(MODEL, posterior=Posterior.of(precision, vector, noise=prior.noise))
    moved = PIPELINE.moved_to(model)
    assert one(moved, customer_id=customer(2), k=1, exploration=wanted).item_ids != plain.item_ids[:1]
    assert one(customer_id=customer(2), k=1, exploration=wanted).item_ids == plain.item_ids[:1]
    assert moved.moved_to(replace(model, live=None)).exploring is moved.exploring


class Parts:
    def __init__(self, parts):
        self.array = parts.arrays.__getitem__


def test_the_posterior_is_kept_in_the_bundle():
    prior = PIPELINE.exploring.posterior
    own = Posterior.of(prior.precision + 1.0, prior.vector + 0.5, noise=prior.noise, rewards=1)
    parts = pack_model(replace(MODEL, posterior=own))
    found = unpack_posterior(Parts(parts), parts.documents["model"]["posterior"], MODEL.engine)
    np.testing.assert_array_equal(found.precision, own.precision)
    np.testing.assert_allclose(found.mean, own.mean)
    assert (found.rewards, found.noise) == (1, own.noise)
    assert pipeline_of(replace(MODEL, posterior=found)).exploring.posterior is found
    assert unpack_posterior(Parts(parts), None, MODEL.engine) is None


def test_a_posterior_of_before_there_was_novelty_is_read():
    prior = PIPELINE.exploring.posterior
    old = Posterior.of(prior.precision[:-1, :-1], prior.vector[:-1], noise=prior.noise, rewards=3)
    parts = pack_model(replace(MODEL, posterior=old))
    found = unpack_posterior(Parts(parts), parts.documents["model"]["posterior"], MODEL.engine)
    np.testing.assert_allclose(found.precision, prior.precision)
    assert found.rewards == 3
    short = Posterior.of(prior.precision[:-2, :-2], prior.vector[:-2], noise=prior.noise)
    parts = pack_model(replace(MODEL, posterior=short))
    with pytest.raises(ValueError, match="weights for a head of"):
        unpack_posterior(Parts(parts), parts.documents["model"]["posterior"], MODEL.engine)


@pytest.mark.parametrize(
    ("request_", "policy", "found"),
    [
        (asked(""), Exploration(), Exploration()),
        (asked(), Exploration(), Exploration(policy="epsilon_greedy", strength=0.1)),
        (
            asked("", strength=0.5),
            Exploration(policy="boltzmann", strength=0.2, temperature=3.0, slots=(1,)),
            Exploration(policy="boltzmann", strength=0.5, temperature=3.0, slots=(1,)),
        ),
        (
            asked("thompson"),
            Exploration(policy="boltzmann", strength=0.2, temperature=3.0, slots=(1,)),
            Exploration(policy="thompson", strength=1.0, temperature=1.0, slots=(1,)),
        ),
        (
            asked("none"),
            Exploration(policy="boltzmann", strength=0.2, slots=(1,)),
            Exploration(slots=(1,)),
        ),
    ],
)
def test_what_a_request_leaves_out_is_as_the_policy_says(request_, policy, found):
    assert merged(request_, policy) == found


def test_a_strength_needs_a_policy():
    with pytest.raises(InvalidRequest, match=r"exploration\.strength: needs a policy, .*: epsilon_greedy, boltzmann"):
        merged(asked("", strength=0.5), Exploration())


def test_a_placement_explores_and_a_request_switches_it_off():
    trying = Exploration(policy="epsilon_greedy", strength=1.0)
    policy = replace(MODEL.policy, placements={"home": Placement(exploration=trying)})
    pipeline = pipeline_of(replace(MODEL, policy=policy))
    assert one(pipeline, customer_id=customer(2), k=5).exploration is None
    assert one(pipeline, customer_id=customer(2), k=5, placement="home").exploration.policy == "epsilon_greedy"
    off = asked("none")
    assert one(pipeline, customer_id=customer(2), k=5, placement="home", exploration=off).exploration is None
    with pytest.raises(UnknownPlacement):
        one(pipeline, placement="garage")
