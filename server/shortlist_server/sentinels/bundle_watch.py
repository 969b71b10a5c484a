"""Everything that the sentinels have seen of one bundle, and what follows from it."""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from shortlist_bundle.encoding_again import Apart
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.sentinels.recall import Searched
from shortlist_server.sentinels.report import RecallSeen, SentinelReport, SkewSeen
from shortlist_server.sentinels.score_drift import BEST, Tenths, comparable
from shortlist_server.sentinels.settings import SentinelSettings
from shortlist_server.sentinels.warning import warnings

NEWEST_SEARCHES = 500
NEWEST_LISTS = 1_000
NEWEST_ITEMS = 2_000


class BundleWatch:
    """Counts what was seen of one bundle. One thread adds, any may ask.

    Args:
        settings: limits.
    """

    def __init__(self, settings: SentinelSettings) -> None:
        self.tenths: Tenths | None = None
        """Of the bundle's own scores; None until they are known."""
        self.depth = 1.0
        self._settings = settings
        self._lock = threading.Lock()
        self._lists = self._strangers = self._history = self._unknown_history = 0
        self._fallbacks = Counter[str]()
        self._recall: dict[tuple[str, str], deque[tuple[int, int]]] = {}
        self._scores = deque[Sequence[float]](maxlen=NEWEST_LISTS)
        self._skew: dict[str, deque[Apart]] = {}

    def add_list(self, request: RecommendRequest, answer: Recommendations, unknown_history: int) -> None:
        """Count a list, and how many items of its request's history nobody knows."""
        with self._lock:
            self._lists += 1
            self._strangers += not answer.known_customer
            self._history += len(request.profile.history)
            self._unknown_history += unknown_history
            self._fallbacks.update(set(answer.fallbacks))
            if comparable(request, answer):
                self._scores.append(tuple(answer.scores[:BEST]))

    def add_searches(self, searches: Sequence[Searched]) -> None:
        """Count searches that were made again."""
        with self._lock:
            for one in searches:
                seen = self._recall.setdefault((one.space, one.bucket), deque(maxlen=NEWEST_SEARCHES))
                seen.append((one.found, one.wanted))

    def add_items(self, found: Mapping[str, Apart]) -> None:
        """Count items that were encoded again."""
        with self._lock:
            for space, apart in found.items():
                seen = self._skew.setdefault(space, deque())
                seen.append(apart)
                while sum(one.checked for one in seen) > NEWEST_ITEMS:
                    seen.popleft()

    def wanted_depth(self) -> float | None:
        """Return how deep indexes are to be searched; None where that is as it is."""
        limits = self._settings
        low = any(seen.searches >= limits.searches and seen.recall < limits.floor for seen in self._recalls())
        deeper = min(self.depth * limits.step, limits.deepest)
        return deeper if low and deeper > self.depth else None

    def searched_deeper(self, depth: float) -> None:
        """Note that indexes are searched as deep from now on; what was found before says nothing of it."""
        with self._lock:
            self.depth = depth
            self._recall.clear()

    def report(self, *, dropped: int) -> SentinelReport:
        """Return what was seen; `dropped` lists of any bundle were not."""
        recalls, skew, drift = self._recalls(), self._skews(), self._drift()
        with self._lock:
            found = SentinelReport(
                rate=self._settings.rate,
                lists=self._lists,
                dropped=dropped,
                recall=recalls,
                recall_floor=self._settings.floor,
                search_depth=self.depth,
                score_drift=drift,
                skew=skew,
                fallbacks=dict(sorted(self._fallbacks.items())),
                unknown_customers=self._strangers,
                history_items=self._history,
                unknown_history_items=self._unknown_history,
            )
        return replace(found, warnings=tuple(warnings(found, self._settings)))

    def _recalls(self) -> list[RecallSeen]:
        with self._lock:
            totals = {key: np.array(seen).sum(axis=0) for key, seen in sorted(self._recall.items())}
            return [
                RecallSeen(space, bucket, len(self._recall[space, bucket]), float(found / wanted))
                for (space, bucket), (found, wanted) in totals.items()
            ]

    def _skews(self) -> list[SkewSeen]:
        with self._lock:
            return [
                SkewSeen(space, sum(one.checked for one in seen), sum(one.apart for one in seen))
                for space, seen in sorted(self._skew.items())
            ]

    def _drift(self) -> float | None:
        with self._lock:
            tenths, scores = self.tenths, list(self._scores)
        if tenths is None or len(scores) < self._settings.lists:
            return None
        return tenths.drift(tenths.counted(np.concatenate(scores).tolist()))
