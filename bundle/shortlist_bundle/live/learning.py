"""The head that explores, as it learns from the log of changes: lists that were shown, and the events that followed.

A list counts as not taken from the moment it stands in the log, and each reward is added when it comes. For a linear
head with Gaussian noise that is exact: showing an item adds `x xt / s2` to the precision whatever came of it, and a
reward adds `r x / s2` to the vector whenever it comes. So there is no window to wait for, and no clock. See
docs/decisions/0039.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b

from shortlist_bundle.changes.change import EventRecorded, ListShown
from shortlist_bundle.exploration.posterior import Posterior
from shortlist_bundle.exploration.rewards import Rewards
from shortlist_bundle.live.lessons import Lesson, lesson_of
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_bundle.towers.layers import Float

ENOUGH = 2_000
"""So many lists are learnt from, of the n-th list after them one in n / ENOUGH: 14,000 of a million."""
WINDOW = 86_400.0
"""Seconds after a list within which an event that names no list still counts as a taking from it."""
EARLY = 1_000
"""Events that came before their list are kept, the newest: a list is written a moment after it was shown."""
_SPACE = 1 << 64
_Taking = tuple[str, str, str]
"""Impression, customer and item of an event: the customer is empty where it names its impression."""


class HeadLearner:
    """Learns what a position of the log says. Not for several threads at once.

    Args:
        posterior: what the bundle knows; None for one without a head, which learns nothing.
        vectors: returns the two-tower's items as they are now, float32 [N + 1, D + 1].
        bundle_id: whose lists it learns from: to any other head their numbers mean something else.
        rewards: what events are worth.
        weights: of the log's events.
    """

    def __init__(
        self,
        posterior: Posterior | None,
        vectors: Callable[[], Float],
        *,
        bundle_id: str,
        rewards: Rewards,
        weights: EventWeights,
    ) -> None:
        self._posterior = posterior
        self._vectors = vectors
        self._bundle_id = bundle_id
        self._worth, self._weights = rewards, weights
        self._lists: dict[str, Lesson] = {}
        self._of_customer: defaultdict[str, list[str]] = defaultdict(list)
        self._early: OrderedDict[_Taking, tuple[str, float, float]] = OrderedDict()
        self._shown = 0
        self._changed = False
        if posterior is not None:
            self._precision, self._vector = posterior.precision.copy(), posterior.vector.copy()
            self._count = posterior.rewards

    def posterior(self) -> Posterior | None:
        """Return what is known at the position reached; it stays as it is."""
        if self._changed and self._posterior is not None:
            self._posterior = Posterior.of(
                self._precision.copy(), self._vector.copy(), noise=self._posterior.noise, rewards=self._count
            )
            self._changed = False
        return self._posterior

    def show(self, change: ListShown, rows: Sequence[int]) -> None:
        """Learn that a list was shown, of which nothing was taken so far but what came early.

        Args:
            change: the list.
            rows: of its items, 0 for one that nobody knows any more.
        """
        if self._posterior is None or change.bundle_id != self._bundle_id or change.impression_id in self._lists:
            return
        self._shown += 1
        lesson = lesson_of(change, rows, self._vectors().shape[1]) if self._takes(change.impression_id) else None
        if lesson is None:
            return
        self._lists[change.impression_id] = lesson
        self._of_customer[lesson.customer_id].append(change.impression_id)
        self._weigh(lesson, 1)
        for item in lesson.places:
            self._reward_early(change.impression_id, lesson, item)

    def reward(self, event: EventRecorded) -> None:
        """Learn what came of an item of a list: of the one that the event names, or the customer's newest with it."""
        worth = self._worth.of(event.event, self._weights)
        if self._posterior is None or not worth:
            return
        lesson = self._lesson_of(event)
        if lesson is not None:
            self._add(lesson, event.item_id, worth)
            return
        taking = (event.impression_id, "" if event.impression_id else event.customer_id, event.item_id)
        best = max(worth, self._early.pop(taking, ("", worth, 0.0))[1])
        self._early[taking] = (event.customer_id, best, event.timestamp)
        if len(self._early) > EARLY:
            self._early.popitem(last=False)

    def forget(self, customer_id: str) -> None:
        """Unlearn what a customer's lists have taught."""
        for impression in self._of_customer.pop(customer_id, ()):
            self._weigh(self._lists.pop(impression), -1)
        for taking in [taking for taking, early in self._early.items() if early[0] == customer_id]:
            del self._early[taking]

    def _takes(self, impression_id: str) -> bool:
        """Say whether a list is among those that are learnt from, by a hash of its id."""
        if self._shown <= ENOUGH:
            return True
        digest = blake2b(impression_id.encode("utf-8", "surrogatepass"), digest_size=8, person=b"lessons").digest()
        return int.from_bytes(digest) * self._shown < ENOUGH * _SPACE

    def _weigh(self, lesson: Lesson, sign: int) -> None:
        features = lesson.features(self._vectors())
        noise = self._posterior.noise if self._posterior else 1.0
        self._precision += sign / noise * (features.T @ features)
        self._vector += sign / noise * (features.T @ lesson.rewards)
        self._count += sign * len(features)
        self._changed = True

    def _add(self, lesson: Lesson, item: str, worth: float) -> None:
        place = lesson.places[item]
        more = lesson.rewarded(place, worth)
        if more and self._posterior is not None:
            self._vector += more / self._posterior.noise * lesson.features(self._vectors())[place]
            self._changed = True

    def _reward_early(self, impression_id: str, lesson: Lesson, item: str) -> None:
        for taking in ((impression_id, "", item), ("", lesson.customer_id, item)):
            early = self._early.get(taking)
            if early is not None and (taking[0] or _follows(lesson, early[2])):
                del self._early[taking]
                self._add(lesson, item, early[1])

    def _lesson_of(self, event: EventRecorded) -> Lesson | None:
        if event.impression_id:
            lesson = self._lists.get(event.impression_id)
            return lesson if lesson is not None and event.item_id in lesson.places else None
        for impression in reversed(self._of_customer.get(event.customer_id, ())):
            lesson = self._lists[impression]
            if event.item_id in lesson.places and _follows(lesson, event.timestamp):
                return lesson
        return None


def _follows(lesson: Lesson, moment: float) -> bool:
    return 0.0 <= moment - lesson.moment <= WINDOW
