"""What events are worth, as it stands in files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.errors import DocumentError
from shortlist_bundle.exploration.rewards import MOST_KINDS, Rewards
from shortlist_bundle.policy import Policy
from shortlist_bundle.state.event_weights import EventWeights

PLAIN = EventWeights()


@given(st.dictionaries(st.text(max_size=5), st.floats(-1, 1), max_size=4), st.text(max_size=5))
def test_what_is_written_is_read(kinds, event):
    rewards = Rewards(kinds)
    assert Rewards.from_json(rewards.to_json(), "rewards") == rewards
    policy = Policy(seen_allowed=True, ranks_by_rating=False, rewards=rewards)
    assert Policy.from_json(policy.to_json()).rewards == rewards
    assert -1 <= rewards.of(event, EventWeights(weights={"buy": 7.0}, main="buy")) <= 1


def test_an_event_without_a_kind_is_the_main_one():
    assert Rewards({"buy": 0.5}).of("", EventWeights(weights={}, main="buy")) == 0.5
    assert Rewards({"buy": 0.5}).of("", PLAIN) == 0.0
    assert Rewards().of("anything", PLAIN) == 1.0


@pytest.mark.parametrize(
    "value", [None, [], {"buy": 2}, {"buy": True}, {"buy": "1"}, {"buy": float("nan")},
              {str(number): 0.1 for number in range(MOST_KINDS + 1)}]
)  # fmt: skip
def test_what_is_no_reward_is_refused_by_name(value):
    with pytest.raises(DocumentError, match="rewards"):
        Rewards.from_json(value, "rewards")
