"""What the sentinels say, as protobuf."""

from shortlist.v1 import model_service_pb2 as pb
from shortlist_server.sentinels.report import SentinelReport


def write_sentinels(report: SentinelReport) -> pb.Sentinels:
    """Write what was seen of one bundle."""
    return pb.Sentinels(
        rate=report.rate,
        lists=report.lists,
        dropped=report.dropped,
        recall=[
            pb.SearchRecall(space=one.space, allowed=one.allowed, searches=one.searches, recall=one.recall)
            for one in report.recall
        ],
        recall_floor=report.recall_floor,
        search_depth=report.search_depth,
        score_drift=report.score_drift,
        skew=[pb.Skew(space=one.space, checked=one.checked, apart=one.apart) for one in report.skew],
        fallbacks=report.fallbacks,
        unknown_customers=report.unknown_customers,
        history_items=report.history_items,
        unknown_history_items=report.unknown_history_items,
        warnings=report.warnings,
    )
