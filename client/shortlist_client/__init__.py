"""The Python client of Shortlist.

`with Client("localhost:50051", timeout=0.2) as shortlist: shortlist.recommend("customer-42", k=20)`
"""

from shortlist_client import aio, errors, filters
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
from shortlist_client.needs import Direction, Needs, Relaxation, Wish, WishMet
from shortlist_client.policy import Diversity, DiversityMethod, Exploration, Seen, Source
from shortlist_client.profile import Customer, Event, Item, Profile
from shortlist_client.reasons import HistoryShare, Reasons, RuleMove, SourceRank, Taken
from shortlist_client.recommendations import (
    Batch,
    BatchRow,
    Bundle,
    Clock,
    Fallback,
    FilterReport,
    FilterStrategy,
    Recommendation,
    Recommendations,
)
from shortlist_client.scores import Calibration, ItemScore, ScoreKind, Scores
from shortlist_client.session import Session
from shortlist_client.settings import KeepAlive, Retry, Tls
from shortlist_client.similar import SimilarCustomer, SimilarCustomers, SimilarItem, SimilarItems
from shortlist_client.vectors import Vectors

__all__ = [
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
    "Direction",
    "Diversity",
    "DiversityMethod",
    "Event",
    "Exploration",
    "Fallback",
    "FilterReport",
    "FilterStrategy",
    "HistoryShare",
    "Item",
    "ItemScore",
    "KeepAlive",
    "ModelDescription",
    "Needs",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Placement",
    "Profile",
    "Reasons",
    "Recommendation",
    "Recommendations",
    "Relaxation",
    "Retry",
    "RuleMove",
    "ScoreKind",
    "Scores",
    "Seen",
    "ServerError",
    "Session",
    "ShortlistError",
    "SimilarCustomer",
    "SimilarCustomers",
    "SimilarItem",
    "SimilarItems",
    "Source",
    "SourceRank",
    "Taken",
    "Tls",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "UsageError",
    "Vectors",
    "Wish",
    "WishMet",
    "aio",
    "errors",
    "filters",
]
