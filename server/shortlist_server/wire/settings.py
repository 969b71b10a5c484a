"""What every list of a request shares: its length, its moment, its conditions and its policy."""

from collections.abc import Sequence

from shortlist.v1 import policy_pb2, recommend_pb2
from shortlist_server.errors import UnknownPlacement
from shortlist_server.limits import DEFAULT_LIST_LENGTH
from shortlist_server.pipeline.request import Profile, RecommendRequest, Seen
from shortlist_server.wire.diversity import read_diversity
from shortlist_server.wire.exploration import read_exploration
from shortlist_server.wire.filters import read_filter
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.needs import read_needs
from shortlist_server.wire.positions import read_position
from shortlist_server.wire.profiles import NO_PROFILE
from shortlist_server.wire.sources import read_sources
from shortlist_server.wire.values import read_context, read_moment, read_names

Settings = recommend_pb2.RecommendRequest | recommend_pb2.BatchRecommendRequest

_SEEN = {
    policy_pb2.SEEN_UNSPECIFIED: Seen.POLICY,
    policy_pb2.SEEN_POLICY: Seen.POLICY,
    policy_pb2.SEEN_INCLUDE: Seen.INCLUDE,
    policy_pb2.SEEN_EXCLUDE: Seen.EXCLUDE,
}


def read_settings(
    inspection: Inspection, message: Settings, customer_id: str | None = None, profile: Profile = NO_PROFILE
) -> RecommendRequest:
    """Read what rows of a batch share, and join it with the customer of a single request."""
    k = read_list_length(inspection, message.k if message.HasField("k") else None)
    sources, source_quotas = read_sources(inspection, message.sources, k)
    return RecommendRequest(
        customer_id=customer_id,
        profile=profile,
        k=k,
        as_of=read_moment(inspection, message.as_of, "as_of") if message.HasField("as_of") else None,
        context=read_context(inspection, message.context, "context"),
        filter=read_filter(inspection, message.filter) if message.HasField("filter") else None,
        exclude_items=read_names(inspection, message.exclude_item_ids, "exclude_item_ids", inspection.limits.excluded),
        seen=_read_seen(inspection, message.seen),
        sources=sources,
        source_quotas=source_quotas,
        placement=message.placement,
        diversity=read_diversity(inspection, message.diversity, k),
        exploration=read_exploration(inspection, message.exploration),
        require_known=message.require_known,
        explain=message.explain,
        needs=read_needs(inspection, message.needs) if message.HasField("needs") else None,
        after=read_position(inspection, message.after_position, "after_position"),
    )


def read_list_length(inspection: Inspection, k: int | None) -> int:
    """Read the length of a list; 10 when the request does not say."""
    if k is None:
        return DEFAULT_LIST_LENGTH
    if not 1 <= k <= inspection.limits.list_length:
        inspection.refuse("k", f"{k} is not within 1 to {inspection.limits.list_length:,}")
    return k


def check_placement(placement: str, known: Sequence[str]) -> None:
    """Check the name of the policy.

    Raises:
        UnknownPlacement: It is neither empty nor the name of a policy.
    """
    if placement and placement not in known:
        raise UnknownPlacement(placement[:256])


def _read_seen(inspection: Inspection, seen: policy_pb2.Seen.ValueType) -> Seen:
    found = _SEEN.get(seen)
    if found is None:
        inspection.refuse("seen", f"{seen} is not a known value")
    return found or Seen.POLICY
