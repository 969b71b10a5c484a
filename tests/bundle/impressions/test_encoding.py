"""Impressions come back from their bytes as they were."""

from dataclasses import replace

import pytest

from shortlist_bundle.errors import DocumentError
from shortlist_bundle.impressions.encoding import read_impression, write_impression
from shortlist_bundle.impressions.impression import Impression

PLAIN = Impression(
    impression_id="i1", moment=2.0, as_of=1.0, rate=0.1, model="default", version="v1", bundle_id="b",
    item_ids=("x", "y"), scores=(0.5, -1.0), sources=("a", "b"), source_ranks=((0, -1), (3, 1)),
)  # fmt: skip
DRAWN = replace(
    PLAIN, customer_id="anna", placement="home", policy="boltzmann", propensities=(0.25, 1.0),
    standard_errors=(0.01, 0.0), seed=2**64 - 1, dropped=3, context={"hour": 7, "device": "phone", "sale": True},
)  # fmt: skip


@pytest.mark.parametrize("impression", [PLAIN, DRAWN])
def test_what_is_written_is_read(impression):
    assert read_impression(write_impression(impression)) == impression


def test_where_nothing_was_drawn_every_item_was_certain():
    assert [PLAIN.propensity(rank) for rank in (0, 1)] == [1.0, 1.0]
    assert [DRAWN.propensity(rank) for rank in (0, 1)] == [0.25, 1.0]


@pytest.mark.parametrize(
    "change",
    [
        (b'"scores":[0.5,-1.0]', b'"scores":[0.5,"x"]'),
        (b'"source_ranks":[[0,-1],[3,1]]', b'"source_ranks":[[0,-1],[3,true]]'),
        (b'"source_ranks":[[0,-1],[3,1]]', b'"source_ranks":[[0,-1],"ab"]'),
        (b'"context":{}', b'"context":{"a":[1]}'),
        (b'"rate":0.1', b'"rates":0.1'),
        (b'"rate":0.1', b'"rate":0.1,"more":1'),
    ],
)
def test_other_bytes_are_refused(change):
    data = write_impression(PLAIN)
    assert change[0] in data
    with pytest.raises(DocumentError):
        read_impression(data.replace(*change))
