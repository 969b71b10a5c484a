"""The verbs of a session, each written once: what may be said, and the message that says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shortlist.v1 import recommend_pb2
from shortlist_client.needs import Needs
from shortlist_client.policy import Diversity, Exploration, FilterLike, Seen, Sources
from shortlist_client.profile import Event, FeatureValue, Moment
from shortlist_client.recommendations import Recommendations
from shortlist_client.translation import sessions
from shortlist_client.translation.sessions import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionVerbs:
    """Turn what is said in a session into messages; `Session` and `aio.Session` take their methods from here.

    The docstrings are those of the sessions' methods, so they speak of what the caller gets.
    """

    opening: recommend_pb2.RecommendRequest
    timeout: float

    def event(self, item: str | Event, *, timeout: float | None = None) -> Turn[Recommendations]:
        """Tell what the customer just did, and return what they should see now.

        Args:
            item: The item taken, or an `Event` with its moment, value or rating.
            timeout: Seconds; None takes the session's.
        """
        return sessions.event_turn(sessions.event_message(item), self.timeout if timeout is None else timeout)

    def recommend(
        self,
        *,
        k: int | None = None,
        as_of: Moment | None = None,
        context: Mapping[str, FeatureValue] | None = None,
        filter: FilterLike | None = None,
        needs: Needs | None = None,
        exclude_items: Iterable[str] | None = None,
        seen: Seen | None = None,
        sources: Sources | None = None,
        diversity: Diversity | None = None,
        exploration: Exploration | None = None,
        explain: bool | None = None,
        include_timings: bool | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Turn[Recommendations]:
        """Return what the customer should see now; what is given holds for this list alone, None is the session's own.

        Args:
            k: Length of the list.
            as_of: "Now" for this list.
            context: Context of this request by column name of the log.
            filter: Only items that meet it; `{}` for every item.
            needs: What the customer says that they need; `Needs()` for nothing.
            exclude_items: Items that may not be in the list; `()` for none.
            seen: Whether items already taken may be in the list, with `Seen.INCLUDE` also those of the session.
            sources: Candidate source -> weight, or a `Source` with a quota; `{}` leaves it to the policy.
            diversity: How varied the list should be.
            exploration: Whether to try items out.
            explain: Fill `reasons` of each recommendation.
            include_timings: Fill `timings_ms`.
            placement: Name of the placement.
            timeout: Seconds; None takes the session's.
        """
        given = {
            "k": k,
            "as_of": as_of,
            "context": context,
            "filter": filter,
            "needs": needs,
            "exclude_items": exclude_items,
            "seen": seen,
            "sources": sources,
            "diversity": diversity,
            "exploration": exploration,
            "explain": explain,
            "include_timings": include_timings,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        request = sessions.request_message(self.opening, changes, placement)
        return sessions.request_turn(request, self.timeout if timeout is None else timeout)
