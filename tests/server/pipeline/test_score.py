"""Predicted ratings and probabilities of given items."""

import numpy as np
import pytest
from small_models import ITEMS, RATINGS, bare_model, customer, item, model_of, pipeline_of, stepped_calibration

from shortlist_server.errors import InvalidRequest, UnknownCustomer, UnknownItem
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.reply import ClockUsed, ScoreCalibration, ScoreKind
from shortlist_server.pipeline.request import Event, Profile, RecommendRequest, ScoreRequest

PIPELINE = pipeline_of()
EVERYTHING = [item(n) for n in range(1, ITEMS + 1)]


def test_an_engine_predicts_probabilities():
    found = PIPELINE.score(ScoreRequest(customer_id=customer(2), items=EVERYTHING))
    assert found.kind is ScoreKind.PROBABILITY
    assert list(found.item_ids) == EVERYTHING
    assert all(0.0 <= score <= 1.0 for score in found.scores)
    assert len(set(found.scores)) > ITEMS // 2


def test_probabilities_follow_the_order_of_the_list():
    """The list and the probabilities come from the same scorer over the same shortlist."""
    listed = PIPELINE.recommend([RecommendRequest(customer_id=customer(2), k=10)])[0]
    scores = PIPELINE.score(ScoreRequest(customer_id=customer(2), items=listed.item_ids)).scores
    assert list(scores) == sorted(scores, reverse=True)
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-np.array(listed.scores))), rtol=1e-5)


def test_a_calibrated_bundle_says_what_was_observed():
    """Each probability is that of the curve at the scorer's logit; items outside the shortlist have another curve."""
    curves = stepped_calibration()
    raw = PIPELINE.score(ScoreRequest(customer_id=customer(2), items=EVERYTHING))
    found = pipeline_of(model_of(calibration=curves)).score(ScoreRequest(customer_id=customer(2), items=EVERYTHING))
    listed = PIPELINE.recommend([RecommendRequest(customer_id=customer(2), k=ITEMS)])[0]
    proposed = {one for one, mask in zip(listed.item_ids, listed.source_masks, strict=True) if mask}
    logits = np.log(np.array(raw.scores) / (1 - np.array(raw.scores)))
    wanted = [
        (curves.proposed if one in proposed else curves.others)(np.array([logit]))[0]
        for one, logit in zip(EVERYTHING, logits, strict=True)
    ]
    np.testing.assert_allclose(found.scores, wanted, rtol=1e-3)
    assert 0 < len(proposed) < ITEMS


def test_what_a_score_rests_on_is_said():
    def said(**changes):
        return pipeline_of(model_of(**changes)).score(ScoreRequest(items=[item(1)])).calibration

    assert said() == ScoreCalibration(method="none")
    assert said(calibration=stepped_calibration()) == ScoreCalibration(
        method="isotonic", window="tuning", start=70.0, end=80.0, error=0.02
    )
    rated = {"ratings": RATINGS["embedding"](), "figures": {"ratings": {"rmse": 0.9}}}
    assert said(**rated) == ScoreCalibration(method="regression", window="held-out ratings", error=0.9)


def test_where_seen_items_are_not_listed_the_shortlist_is_that_of_the_list():
    pipeline = pipeline_of(model_of(seen_allowed=False))
    listed = pipeline.recommend([RecommendRequest(customer_id=customer(2), k=10)])[0]
    scores = pipeline.score(ScoreRequest(customer_id=customer(2), items=listed.item_ids)).scores
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-np.array(listed.scores))), rtol=1e-5)


def test_an_items_score_does_not_depend_on_what_else_is_asked():
    everything = PIPELINE.score(ScoreRequest(customer_id=customer(1), items=EVERYTHING))
    for n in (0, 13, 29):
        alone = PIPELINE.score(ScoreRequest(customer_id=customer(1), items=[EVERYTHING[n]]))
        assert alone.scores[0] == pytest.approx(everything.scores[n], abs=1e-6)


def test_items_may_be_named_in_any_order_and_twice():
    found = PIPELINE.score(ScoreRequest(customer_id=customer(1), items=[item(9), item(2), item(9)]))
    again = PIPELINE.score(ScoreRequest(customer_id=customer(1), items=[item(2), item(9)]))
    assert found.scores[0] == found.scores[2]
    np.testing.assert_allclose([found.scores[1], found.scores[0]], again.scores, atol=1e-6)


@pytest.mark.parametrize("kind", RATINGS)
@pytest.mark.parametrize("engine", [True, False])
def test_ratings_lie_within_their_scale(kind, engine):
    pipeline = pipeline_of(model_of(ratings=RATINGS[kind](), engine=engine))
    for who in (customer(2), "nobody", None):
        found = pipeline.score(ScoreRequest(customer_id=who, items=EVERYTHING))
        assert found.kind is ScoreKind.RATING
        assert all(1.0 <= score <= 5.0 for score in found.scores)
        assert found.known_customer is (who == customer(2))


def test_a_rating_follows_the_features_of_the_request():
    pipeline = pipeline_of(model_of(ratings=RATINGS["scorer"](), engine=False))
    ages = [
        pipeline.score(ScoreRequest(items=EVERYTHING, profile=Profile(features={"age": a}))).scores for a in (20, 80)
    ]
    assert ages[0] != ages[1]


def test_an_item_that_the_catalogue_does_not_have_is_refused_by_name():
    for pipeline in (PIPELINE, pipeline_of(model_of(ratings=RATINGS["embedding"](), engine=False))):
        with pytest.raises(UnknownItem) as error:
            pipeline.score(ScoreRequest(customer_id=customer(1), items=[item(1), "never heard of", "nor this"]))
        assert error.value.name == "never heard of"


def test_a_stranger_is_scored_unless_strangers_are_refused():
    found = PIPELINE.score(ScoreRequest(customer_id="nobody", items=[item(1)]))
    assert not found.known_customer
    assert found.fallbacks == ("cold_start:nothing_known",)
    with pytest.raises(UnknownCustomer):
        PIPELINE.score(ScoreRequest(customer_id="nobody", items=[item(1)], require_known=True))


def test_impossible_features_are_refused():
    with pytest.raises(InvalidRequest, match=r"profile\.features\[age\]"):
        PIPELINE.score(ScoreRequest(items=[item(1)], profile=Profile(features={"age": "old"})))


def test_the_moment_is_said():
    assert PIPELINE.score(ScoreRequest(items=[item(1)])).clock is ClockUsed.LOG_END
    assert PIPELINE.score(ScoreRequest(items=[item(1)], as_of=3.0)).as_of == 3.0
    live = pipeline_of(clock=ClockPolicy.LIVE).score(ScoreRequest(items=[item(1)], customer_id=customer(1)))
    assert live.fallbacks == ("stale_log",)
    assert np.isfinite(live.scores).all()


def test_a_history_changes_the_score():
    before = PIPELINE.score(ScoreRequest(customer_id=customer(2), items=EVERYTHING)).scores
    profile = Profile(history=[Event(item_id=item(4))])
    assert PIPELINE.score(ScoreRequest(customer_id=customer(2), items=EVERYTHING, profile=profile)).scores != before


def test_a_bundle_without_features_scores():
    assert len(pipeline_of(bare_model()).score(ScoreRequest(items=EVERYTHING)).scores) == ITEMS
