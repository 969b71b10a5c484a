"""The Python client of Shortlist.

`with Client("localhost:50051", timeout=0.2) as shortlist: shortlist.recommend("customer-42", k=20)`

Names are imported when they are first used, so that a program that only wants its help does not wait for gRPC.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shortlist_client import aio, errors, filters
    from shortlist_client.admin import Admin
    from shortlist_client.changes import Deleted, KnownItem, Upserted
    from shortlist_client.client import Client
    from shortlist_client.description import Column, ModelDescription, Placement
    from shortlist_client.errors import (
        BadRequest,
        CallError,
        Cancelled,
        Conflict,
        DeadlineExceeded,
        NotFound,
        Overloaded,
        PermissionDenied,
        ServerError,
        ShortlistError,
        Unauthenticated,
        Unavailable,
        Unsupported,
        UsageError,
    )
    from shortlist_client.feedback import EventOutcome, FeedbackEvent, Recorded, RecordedRun
    from shortlist_client.needs import Direction, Needs, Relaxation, Wish, WishMet
    from shortlist_client.policy import Diversity, DiversityMethod, Exploration, Seen, Source
    from shortlist_client.profile import Customer, Event, Item, Profile
    from shortlist_client.reasons import HistoryShare, Reasons, RuleMove, SourceRank, Taken
    from shortlist_client.recommendations import (
        Batch,
        BatchRow,
        Bundle,
        Clock,
        ExplorationReport,
        Fallback,
        FilterReport,
        FilterStrategy,
        Recommendation,
        Recommendations,
    )
    from shortlist_client.releases import Gate, Model, Moved
    from shortlist_client.scores import Calibration, ItemScore, ScoreKind, Scores
    from shortlist_client.sentinels import SearchRecall, Sentinels, Skew
    from shortlist_client.session import Session
    from shortlist_client.settings import KeepAlive, Retry, Tls
    from shortlist_client.similar import SimilarCustomer, SimilarCustomers, SimilarItem, SimilarItems
    from shortlist_client.vectors import Vectors

__all__ = [
    "Admin",
    "BadRequest",
    "Batch",
    "BatchRow",
    "Bundle",
    "Calibration",
    "CallError",
    "Cancelled",
    "Client",
    "Clock",
    "Column",
    "Conflict",
    "Customer",
    "DeadlineExceeded",
    "Deleted",
    "Direction",
    "Diversity",
    "DiversityMethod",
    "Event",
    "EventOutcome",
    "Exploration",
    "ExplorationReport",
    "Fallback",
    "FeedbackEvent",
    "FilterReport",
    "FilterStrategy",
    "Gate",
    "HistoryShare",
    "Item",
    "ItemScore",
    "KeepAlive",
    "KnownItem",
    "Model",
    "ModelDescription",
    "Moved",
    "Needs",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Placement",
    "Profile",
    "Reasons",
    "Recommendation",
    "Recommendations",
    "Recorded",
    "RecordedRun",
    "Relaxation",
    "Retry",
    "RuleMove",
    "ScoreKind",
    "Scores",
    "SearchRecall",
    "Seen",
    "Sentinels",
    "ServerError",
    "Session",
    "ShortlistError",
    "SimilarCustomer",
    "SimilarCustomers",
    "SimilarItem",
    "SimilarItems",
    "Skew",
    "Source",
    "SourceRank",
    "Taken",
    "Tls",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "Upserted",
    "UsageError",
    "Vectors",
    "Wish",
    "WishMet",
    "aio",
    "errors",
    "filters",
]

_MODULES = ("aio", "errors", "filters")
_NAMES = {
    "admin": ("Admin",),
    "client": ("Client",),
    "description": ("Column", "ModelDescription", "Placement"),
    "errors": (
        "BadRequest",
        "CallError",
        "Cancelled",
        "Conflict",
        "DeadlineExceeded",
        "NotFound",
        "Overloaded",
        "PermissionDenied",
        "ServerError",
        "ShortlistError",
        "Unauthenticated",
        "Unavailable",
        "Unsupported",
        "UsageError",
    ),
    "changes": ("Deleted", "KnownItem", "Upserted"),
    "feedback": ("EventOutcome", "FeedbackEvent", "Recorded", "RecordedRun"),
    "needs": ("Direction", "Needs", "Relaxation", "Wish", "WishMet"),
    "policy": ("Diversity", "DiversityMethod", "Exploration", "Seen", "Source"),
    "profile": ("Customer", "Event", "Item", "Profile"),
    "reasons": ("HistoryShare", "Reasons", "RuleMove", "SourceRank", "Taken"),
    "recommendations": (
        "Batch",
        "BatchRow",
        "Bundle",
        "Clock",
        "ExplorationReport",
        "Fallback",
        "FilterReport",
        "FilterStrategy",
        "Recommendation",
        "Recommendations",
    ),
    "releases": ("Gate", "Model", "Moved"),
    "scores": ("Calibration", "ItemScore", "ScoreKind", "Scores"),
    "sentinels": ("SearchRecall", "Sentinels", "Skew"),
    "session": ("Session",),
    "settings": ("KeepAlive", "Retry", "Tls"),
    "similar": ("SimilarCustomer", "SimilarCustomers", "SimilarItem", "SimilarItems"),
    "vectors": ("Vectors",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
