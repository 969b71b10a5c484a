"""What the server says of a filter."""

import pytest

from shortlist.v1 import recommend_pb2, reply_pb2, similar_pb2
from shortlist_client import FilterReport, FilterStrategy
from shortlist_client.translation.replies import recommendations, similar_items

READERS = [(recommend_pb2.RecommendResponse, recommendations), (similar_pb2.SimilarItemsResponse, similar_items)]


@pytest.mark.parametrize(("message", "read"), READERS)
def test_a_report_is_read_field_by_field(message, read):
    report = reply_pb2.FilterReport(strategy="FILTER_STRATEGY_SELECTOR", matching_count=9, scanned_count=8)
    report.survived_count = 7
    assert read(message(filter_report=report)).filter_report == FilterReport(
        strategy=FilterStrategy.SELECTOR, matching=9, scanned=8, survived=7
    )


@pytest.mark.parametrize(("message", "read"), READERS)
def test_without_a_filter_there_is_none(message, read):
    assert read(message()).filter_report is None


def test_every_strategy_of_the_protocol_has_its_word():
    told = {
        recommendations(
            recommend_pb2.RecommendResponse(filter_report=reply_pb2.FilterReport(strategy=number))
        ).filter_report.strategy
        for number in reply_pb2.FilterStrategy.values()
    }
    assert told == {None, *FilterStrategy}
