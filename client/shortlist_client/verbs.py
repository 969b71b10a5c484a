"""The verbs of the client, each written once: what may be asked, and the call that asks it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shortlist_client.change_verbs import ChangeVerbs
from shortlist_client.description import ModelDescription
from shortlist_client.needs import Needs
from shortlist_client.policy import Diversity, Exploration, FilterLike, ListSettings, Seen, Sources
from shortlist_client.profile import Customer, FeatureValue, Item, Moment, Profile
from shortlist_client.recommendations import Batch, Recommendations
from shortlist_client.scores import Scores
from shortlist_client.session_verbs import SessionVerbs
from shortlist_client.similar import SimilarCustomers, SimilarItems
from shortlist_client.translation import calls, sessions
from shortlist_client.translation.calls import Call
from shortlist_client.vectors import Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs(ChangeVerbs):
    """Turn what a caller asks into calls; `Client` and `aio.Client` take their methods from here and send them.

    The docstrings are those of the clients' methods, so they speak of what the caller gets.
    """

    def recommend(
        self,
        customer_id: str | None = None,
        *,
        profile: Profile | None = None,
        k: int = 10,
        as_of: Moment | None = None,
        context: Mapping[str, FeatureValue] | None = None,
        filter: FilterLike | None = None,
        needs: Needs | None = None,
        exclude_items: Iterable[str] = (),
        seen: Seen = Seen.POLICY,
        sources: Sources | None = None,
        diversity: Diversity | None = None,
        exploration: Exploration | None = None,
        require_known: bool = False,
        explain: bool = False,
        include_timings: bool = False,
        after_position: str = "",
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[Recommendations]:
        """Return what a customer should see now, best first.

        Args:
            customer_id: The customer's id in the log; None for someone who has none.
            profile: What the caller itself knows about them; extends what is stored under the id.
            k: Length of the list.
            as_of: "Now" for everything that depends on time; None leaves it to the server's clock.
            context: Context of this request by column name of the log.
            filter: Only items that meet it: a filter, or attribute -> value (or values).
            needs: What the customer says that they need: musts and wishes.
            exclude_items: Items that may not be in the list.
            seen: Whether items that the customer has already taken may be in the list.
            sources: Candidate source -> weight, or a `Source` with a quota; None leaves it to the policy.
            diversity: How varied the list should be; None leaves it to the policy.
            exploration: Whether to try items out; None leaves it to the policy.
            require_known: Raise `NotFound` for an unknown customer instead of falling back.
            explain: Fill `reasons`, and with them `reason`, and `wishes_met` of each recommendation.
            include_timings: Fill `timings_ms`.
            after_position: Answer from a state at least as new as this position.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        settings = ListSettings(
            k=k,
            as_of=as_of,
            context=context or {},
            filter=filter,
            needs=needs,
            exclude_items=exclude_items,
            seen=seen,
            sources=sources or {},
            diversity=diversity,
            exploration=exploration,
            require_known=require_known,
            explain=explain,
            include_timings=include_timings,
            after_position=after_position,
        )
        return calls.recommend(customer_id, profile, settings, self._options(model, placement, timeout))

    def recommend_batch(
        self,
        customers: Iterable[str | Profile | Customer],
        *,
        k: int = 10,
        as_of: Moment | None = None,
        context: Mapping[str, FeatureValue] | None = None,
        filter: FilterLike | None = None,
        needs: Needs | None = None,
        exclude_items: Iterable[str] = (),
        seen: Seen = Seen.POLICY,
        sources: Sources | None = None,
        diversity: Diversity | None = None,
        exploration: Exploration | None = None,
        require_known: bool = False,
        explain: bool = False,
        include_timings: bool = False,
        after_position: str = "",
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[Batch]:
        """Return one list for each of many customers; a bad row carries its own error and harms no other.

        Args:
            customers: The customers, each an id, a `Profile`, or a `Customer` with both.
            k: Length of each list.
            as_of: As in `recommend`, and so are all the others.
            context: Context of every row.
            filter: Only items that meet it.
            needs: What each of them is said to need.
            exclude_items: Items that may not be in any list.
            seen: Whether items that a customer has already taken may be in their list.
            sources: Candidate source -> weight, or a `Source` with a quota.
            diversity: How varied the lists should be.
            exploration: Whether to try items out.
            require_known: Give an unknown customer's row the error `NotFound`.
            explain: Fill `reasons`, and with them `reason`, and `wishes_met` of each recommendation.
            include_timings: Fill `timings_ms` of each list.
            after_position: Answer from a state at least as new as this position.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        settings = ListSettings(
            k=k,
            as_of=as_of,
            context=context or {},
            filter=filter,
            needs=needs,
            exclude_items=exclude_items,
            seen=seen,
            sources=sources or {},
            diversity=diversity,
            exploration=exploration,
            require_known=require_known,
            explain=explain,
            include_timings=include_timings,
            after_position=after_position,
        )
        return calls.recommend_batch(customers, settings, self._options(model, placement, timeout))

    def session(
        self,
        customer_id: str | None = None,
        *,
        profile: Profile | None = None,
        k: int = 10,
        as_of: Moment | None = None,
        context: Mapping[str, FeatureValue] | None = None,
        filter: FilterLike | None = None,
        needs: Needs | None = None,
        exclude_items: Iterable[str] = (),
        seen: Seen = Seen.POLICY,
        sources: Sources | None = None,
        diversity: Diversity | None = None,
        exploration: Exploration | None = None,
        require_known: bool = False,
        explain: bool = False,
        include_timings: bool = False,
        after_position: str = "",
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> SessionVerbs:
        """Return a session: tell it what the customer does, and each time get a fresh list.

        What was just taken is not offered again within the session, even where people take the same thing again;
        only `seen=Seen.INCLUDE` allows it.

        Args:
            customer_id: The customer's id in the log; None for someone who has none.
            profile: What the caller itself knows about them; extends what is stored under the id.
            k: Length of each list.
            as_of: "Now" at the start of the session, moved on by every event that is later; None leaves it to the
                server's clock, which goes on by itself.
            context: Context of this session by column name of the log.
            filter: Only items that meet it.
            needs: What the customer says that they need: musts and wishes.
            exclude_items: Items that may not be in any list.
            seen: Whether items that the customer has already taken may be in the lists.
            sources: Candidate source -> weight, or a `Source` with a quota; None leaves it to the policy.
            diversity: How varied the lists should be; None leaves it to the policy.
            exploration: Whether to try items out; None leaves it to the policy.
            require_known: Raise `NotFound` for an unknown customer instead of falling back.
            explain: Fill `reasons` of each recommendation.
            include_timings: Fill `timings_ms` of each list.
            after_position: Answer from a state at least as new as this position.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds for each answer; None takes the client's.
        """
        settings = ListSettings(
            k=k,
            as_of=as_of,
            context=context or {},
            filter=filter,
            needs=needs,
            exclude_items=exclude_items,
            seen=seen,
            sources=sources or {},
            diversity=diversity,
            exploration=exploration,
            require_known=require_known,
            explain=explain,
            include_timings=include_timings,
            after_position=after_position,
        )
        options = self._options(model, placement, timeout)
        opening = sessions.opening_message(customer_id, profile, settings, options)
        return SessionVerbs(opening=opening, timeout=options.timeout)

    def similar_items(
        self,
        item_id: str,
        *,
        k: int = 10,
        space: str = "",
        filter: FilterLike | None = None,
        exclude_items: Iterable[str] = (),
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[SimilarItems]:
        """Return the items nearest to an item, never that item itself.

        Args:
            item_id: The seed; an unknown one raises `NotFound`.
            k: How many.
            space: In which of the bundle's item spaces; empty for the server's default.
            filter: Only items that meet it.
            exclude_items: Items that may not be in the list.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        options = self._options(model, placement, timeout)
        return calls.similar_items(
            item_id, k=k, space=space, filter=filter, exclude_items=exclude_items, options=options
        )

    def similar_customers(
        self,
        customer_id: str | None = None,
        *,
        profile: Profile | None = None,
        k: int = 10,
        as_of: Moment | None = None,
        require_known: bool = False,
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[SimilarCustomers]:
        """Return the customers nearest to a customer, never that customer.

        Args:
            customer_id: The customer's id in the log; None for someone who has none.
            profile: What the caller itself knows about them; extends what is stored under the id.
            k: How many.
            as_of: "Now" for everything that depends on time; None leaves it to the server's clock.
            require_known: Raise `NotFound` for an unknown customer instead of falling back.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        customer = Customer(customer_id=customer_id or "", profile=profile)
        options = self._options(model, placement, timeout)
        return calls.similar_customers(customer, k=k, as_of=as_of, require_known=require_known, options=options)

    def score(
        self,
        customer_id: str | None = None,
        *,
        items: Iterable[str],
        profile: Profile | None = None,
        as_of: Moment | None = None,
        context: Mapping[str, FeatureValue] | None = None,
        require_known: bool = False,
        model: str | None = None,
        placement: str | None = None,
        timeout: float | None = None,
    ) -> Call[Scores]:
        """Return what a customer would make of given items: predicted ratings or probabilities.

        Args:
            customer_id: The customer's id in the log; None for someone who has none.
            items: The items; an unknown one raises `NotFound`.
            profile: What the caller itself knows about the customer.
            as_of: "Now" for everything that depends on time; None leaves it to the server's clock.
            context: Context of this request by column name of the log.
            require_known: Raise `NotFound` for an unknown customer instead of falling back.
            model: Name of the model; None takes the client's.
            placement: Name of the placement; None takes the client's.
            timeout: Seconds; None takes the client's.
        """
        customer = Customer(customer_id=customer_id or "", profile=profile)
        options = self._options(model, placement, timeout)
        return calls.score(customer, items, as_of=as_of, context=context, require_known=require_known, options=options)

    def encode_customers(
        self,
        customers: Iterable[str | Profile | Customer],
        *,
        as_of: Moment | None = None,
        model: str | None = None,
        timeout: float | None = None,
    ) -> Call[Vectors]:
        """Return the vectors of customers; raises `Unsupported` where the server has that switched off."""
        return calls.encode_customers(customers, as_of=as_of, options=self._options(model, None, timeout))

    def encode_items(
        self, items: Iterable[str | Item], *, model: str | None = None, timeout: float | None = None
    ) -> Call[Vectors]:
        """Return the vectors of items, known or described; raises `Unsupported` where that is switched off."""
        return calls.encode_items(items, options=self._options(model, None, timeout))

    def describe_model(
        self, model: str | None = None, *, version: str = "", timeout: float | None = None
    ) -> Call[ModelDescription]:
        """Return what a bundle was made of and how good it is; `version` may be an alias, empty for what serves now."""
        return calls.describe_model(version, self._options(model, None, timeout))
