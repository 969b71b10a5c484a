"""What the sentinels find, as metrics."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from shortlist_bundle.encoding_again import Apart
from shortlist_server.sentinels.recall import Searched
from shortlist_server.sentinels.report import SentinelReport


class SentinelMeasures:
    """Counters of one process; their labels are names of spaces, of shares and of the two arms.

    Args:
        registry: where they are kept.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._samples = Counter(
            "shortlist_sentinel_samples",
            "Lists drawn for a second look: looked_at, searches_left_out (of those looked at, for want of time), gone "
            "(their bundle serves no more), dropped (no room).",
            ["outcome"],
            registry=registry,
        )
        self._history = Counter(
            "shortlist_sentinel_history_items", "Items of the histories in lists looked at.", ["known"],
            registry=registry,
        )  # fmt: skip
        self._wanted = Counter(
            "shortlist_search_wanted_items", "Items that exact searches found.", ["space", "allowed"],
            registry=registry,
        )  # fmt: skip
        self._found = Counter(
            "shortlist_search_found_items", "Of those, items that the index found as well.", ["space", "allowed"],
            registry=registry,
        )  # fmt: skip
        self._checked = Counter(
            "shortlist_skew_checked_items", "Items that were encoded again.", ["space"], registry=registry
        )
        self._apart = Counter(
            "shortlist_skew_apart_items", "Of those, items that lie elsewhere in the index.", ["space"],
            registry=registry,
        )  # fmt: skip
        self._depth = Gauge(
            "shortlist_search_depth", "So many times as deep as tuned are indexes searched.", ["arm"],
            registry=registry,
        )  # fmt: skip
        self._drift = Gauge(
            "shortlist_score_drift_bits", "Jensen-Shannon divergence between scores served and those of the bundle.",
            ["arm"], registry=registry,
        )  # fmt: skip
        self._warnings = Gauge("shortlist_sentinel_warnings", "What is beyond its limit.", ["arm"], registry=registry)

    def looked(self, history: int, unknown: int) -> None:
        """Count a list that was looked at, and the items of its history."""
        self._samples.labels("looked_at").inc()
        if history:
            self._history.labels("yes").inc(history - unknown)
            self._history.labels("no").inc(unknown)

    def left_out(self) -> None:
        """Count a list whose searches were not made again."""
        self._samples.labels("searches_left_out").inc()

    def gone(self) -> None:
        """Count a list whose bundle was gone."""
        self._samples.labels("gone").inc()

    def searched(self, searches: Sequence[Searched]) -> None:
        """Count searches that were made again."""
        for one in searches:
            self._wanted.labels(one.space, one.bucket).inc(one.wanted)
            self._found.labels(one.space, one.bucket).inc(one.found)

    def encoded(self, found: Mapping[str, Apart]) -> None:
        """Count items that were encoded again."""
        for space, apart in found.items():
            self._checked.labels(space).inc(apart.checked)
            self._apart.labels(space).inc(apart.apart)

    def tell(self, reports: Mapping[str, SentinelReport]) -> None:
        """Show how things stand with the bundle of each arm that there is."""
        for gauge in (self._depth, self._warnings, self._drift):
            gauge.clear()
        for arm, report in reports.items():
            self._depth.labels(arm).set(report.search_depth)
            self._warnings.labels(arm).set(len(report.warnings))
            if report.score_drift is not None:
                self._drift.labels(arm).set(report.score_drift)

    def dropped(self, count: int) -> None:
        """Count lists for which there was no room."""
        self._samples.labels("dropped").inc(count)
