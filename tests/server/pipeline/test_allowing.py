"""Which items may be in a list."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import ITEMS, catalogue_of, customer, equal, item, limited, model_of, taken_by

from shortlist_server.errors import InvalidRequest, UnknownAttribute
from shortlist_server.pipeline.allowing import allowed, seen_allowed, to_be_had
from shortlist_server.pipeline.request import RecommendRequest, Seen

MODEL = model_of()
EVERYTHING = {item(n) for n in range(1, ITEMS + 1)}


def allow(model=MODEL, *, number=2, now=50.0, **fields):
    request = RecommendRequest(customer_id=customer(number), **fields)
    mask, unknown = allowed(model, request, model.snapshot.histories(np.array([number])).items, now)
    assert not mask[0]
    return set(model.items.ids(np.flatnonzero(mask))), unknown


def test_everything_is_allowed_where_people_buy_again():
    assert allow() == (EVERYTHING, 0)


@pytest.mark.parametrize(
    ("policy", "seen", "shown"),
    [
        (True, Seen.POLICY, True),
        (True, Seen.EXCLUDE, False),
        (True, Seen.INCLUDE, True),
        (False, Seen.POLICY, False),
        (False, Seen.EXCLUDE, False),
        (False, Seen.INCLUDE, True),
    ],
)
def test_the_request_decides_over_seen_items_and_the_bundle_where_it_does_not(policy, seen, shown):
    model = model_of(seen_allowed=policy)
    assert seen_allowed(model, seen) is shown
    assert allow(model, seen=seen)[0] == (EVERYTHING if shown else EVERYTHING - taken_by(model, 2))
    assert taken_by(model, 2)


def test_a_customer_without_a_past_has_seen_nothing():
    assert allow(number=6, seen=Seen.EXCLUDE) == (EVERYTHING, 0)


def test_excluded_items_are_not_allowed_and_unknown_ones_are_counted():
    found = allow(exclude_items=[item(1), "never heard of", item(30), item(1), ""])
    assert found == (EVERYTHING - {item(1), item(30)}, 2)


def test_filters_exclusions_and_the_past_add_up():
    model = model_of(seen_allowed=False)
    wanted = {item(n) for n in range(6, ITEMS + 1, 6)} - {item(12)} - taken_by(model, 2)
    assert allow(model, filter=equal(kind="milk", tags="even"), exclude_items=[item(12)])[0] == wanted


def test_what_cannot_be_had_at_the_moment_is_not_allowed():
    catalogue = limited(catalogue_of(), since=[(3, 50.0)], until=[(4, 50.0)])
    model = replace(MODEL, catalogue=catalogue)
    assert EVERYTHING - allow(model, now=49.0)[0] == {item(3)}
    assert EVERYTHING - allow(model, now=50.0)[0] == {item(4)}


def test_a_request_never_writes_into_a_mask_that_is_kept():
    milk = equal(kind="milk")
    everything = allow(filter=milk)[0]
    assert allow(filter=milk, exclude_items=[item(3)])[0] == everything - {item(3)}
    assert allow(filter=milk)[0] == everything


def test_an_unknown_attribute_is_refused():
    with pytest.raises(UnknownAttribute) as error:
        to_be_had(MODEL, equal(kind="milk", colour="red"), 0.0)
    assert [violation.field for violation in error.value.violations] == ["filter.all.filters[1].equals.attribute"]
    assert error.value.attribute == "colour"


def test_a_value_of_the_wrong_type_is_refused():
    with pytest.raises(InvalidRequest, match="price") as error:
        to_be_had(MODEL, equal(price="cheap"), 0.0)
    assert not isinstance(error.value, UnknownAttribute)
    assert [violation.field for violation in error.value.violations] == ["filter.all.filters[0].equals.value"]
