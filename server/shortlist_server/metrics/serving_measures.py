"""What a process counts of the calls that it answers and the lists that it makes."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric

from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.pipeline.reply import Recommendations
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.releases.releases import Releases

SECONDS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_KNOWN_CODES = 40
"""Codes of fallbacks that get a label of their own; there are some fifteen."""
_OTHER = "other"


class ServingMeasures:
    """Counters of one process. Labels are names of methods, statuses and fallbacks, never anything of a customer.

    Args:
        loaded: what answers, told as `shortlist_bundle_info`.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("shortlist_requests", "Calls that have ended.", "method", "code")
        self._seconds = Histogram(
            "shortlist_request_seconds", "From a request to its reply, of calls that are no streams.", ["method"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self._lists = self._counter("shortlist_lists", "Lists that were made.")
        self._degraded = self._counter("shortlist_degraded_lists", "Of those, with any fallback.")
        self._empty = self._counter("shortlist_empty_lists", "Of those, without an item.")
        self._strangers = self._counter("shortlist_unknown_customer_lists", "Of those, for a customer nobody knows.")
        self._unknown_items = self._counter(
            "shortlist_unknown_items", "Ids in histories and exclusions that the catalogue does not have."
        )
        self._fallbacks = self._counter("shortlist_fallbacks", "Lists by what they fell back to.", "code")
        self._by_code: dict[str, Counter] = {}
        self.registry.register(_Bundles(loaded))
        self._behind = self._gauge(
            "shortlist_alias_behind", "1 while the alias names another version than serves: loading, or refused."
        )
        self._resident = self._gauge("shortlist_resident_bundles", "Bundles in the memory of a process.")

    def offer(
        self, impression_id: str, request: RecommendRequest, answer: Recommendations, pipeline: PipelineProtocol
    ) -> None:
        """Count a list."""
        self._lists.inc()
        if not answer.known_customer:
            self._strangers.inc()
        if not answer.item_ids:
            self._empty.inc()
        if answer.unknown_items:
            self._unknown_items.inc(answer.unknown_items)
        if answer.fallbacks:
            self._degraded.inc()
            for code in answer.fallbacks:
                self._fallback(code).inc()

    def follow(self, releases: Releases) -> None:
        """Tell how what serves keeps up with its alias."""
        self._behind.set_function(lambda: float(releases.behind))
        self._resident.set_function(lambda: float(releases.resident_count))

    def calls(self, method: str) -> Callable[[str], None]:
        """Return what counts the calls of a method: told the status of each when it has ended."""
        by_code: dict[str, Counter] = {}

        def note(code: str) -> None:
            counter = by_code.get(code)
            if counter is None:
                counter = by_code[code] = self._requests.labels(method, code)
            counter.inc()

        return note

    def seconds(self, method: str) -> Callable[[float], None]:
        """Return what takes the seconds of each call of a method."""
        return self._seconds.labels(method).observe

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _fallback(self, code: str) -> Counter:
        found = self._by_code.get(code)
        if found is None:
            found = self._fallbacks.labels(code if len(self._by_code) < _KNOWN_CODES else _OTHER)
            if len(self._by_code) < _KNOWN_CODES:
                self._by_code[code] = found
        return found


class _Bundles:
    """Tells which bundles answer."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "shortlist_bundle_info", "How many processes this bundle answers in.",
            labels=["model", "version", "bundle", "arm"],
        )  # fmt: skip
        for arm, pipeline in self._arms():
            family.add_metric([pipeline.model, pipeline.version, pipeline.bundle_id, arm], 1.0)
        yield family

    def _arms(self) -> Iterator[tuple[str, PipelineProtocol]]:
        arms = self._loaded.now
        if arms is not None:
            yield "stable", arms.stable
            if arms.canary is not None:
                yield "canary", arms.canary
