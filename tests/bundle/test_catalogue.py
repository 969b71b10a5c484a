"""When items can be had; what filters find stands in filters/."""

import numpy as np
from small_models import ITEMS, catalogue_of, equal, limited

CATALOGUE = catalogue_of()


def test_what_meets_a_filter_is_a_mask_and_a_count():
    matching = CATALOGUE.matching(equal(kind="milk", tags="even"))
    assert np.flatnonzero(matching.mask).tolist() == [6, 12, 18, 24, 30]
    assert matching.count == 5
    assert matching.mask.shape == (ITEMS + 1,)


def test_availability_includes_its_start_and_excludes_its_end():
    catalogue = limited(catalogue_of(), since=[(3, 50.0)], until=[(4, 50.0)])
    assert catalogue.available(49.9)[[3, 4, 5]].tolist() == [False, True, True]
    assert catalogue.available(50.0)[[3, 4, 5]].tolist() == [True, False, True]


def test_where_everything_can_always_be_had_there_is_nothing_to_look_up():
    assert CATALOGUE.available(0.0) is None
