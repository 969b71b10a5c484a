"""The thread that looks at lists and items again, beside the requests and never in their way."""

import logging
import random
import threading
import time
from collections.abc import Iterator

import numpy as np

from shortlist_bundle.encoding_again import encode_again
from shortlist_server.errors import PipelineError
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.live import LivePipeline
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.sentinels.bundle_watch import BundleWatch
from shortlist_server.sentinels.measures import SentinelMeasures
from shortlist_server.sentinels.recall import search_again
from shortlist_server.sentinels.report import SentinelReport
from shortlist_server.sentinels.sampling import Sample, Samples, Watched
from shortlist_server.sentinels.score_drift import Reference
from shortlist_server.sentinels.settings import SentinelSettings

log = logging.getLogger(__name__)

_PAUSE = 0.25
"""Seconds between two looks at the queue."""
_ITEMS = 64
"""Items that are encoded again at once."""


class Sentinels:
    """Looks at samples until it is closed. What it finds of a bundle is forgotten when that bundle serves no more.

    Args:
        loaded: what answers.
        samples: lists to look at.
        settings: how closely.
        measures: where it is counted.
    """

    def __init__(
        self, loaded: Loaded, samples: Samples, settings: SentinelSettings, measures: SentinelMeasures
    ) -> None:
        self._loaded, self._samples, self._settings, self._measures = loaded, samples, settings, measures
        self._watches: dict[str, BundleWatch] = {}
        self._references: dict[str, Reference] = {}
        self._rested = self._items_due = 0.0
        self._dropped = 0
        self._drawn = np.random.default_rng(random.getrandbits(64))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sentinels", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def report(self, bundle_id: str) -> SentinelReport:
        """Return what was seen of a bundle."""
        watch = self._watches.get(bundle_id) or BundleWatch(self._settings)
        return watch.report(dropped=self._samples.dropped)

    def look(self) -> None:
        """Look once at what waits."""
        self._follow()
        for sample in self._samples.taken():
            pipeline = sample.pipeline()
            watch = self._watches.get(pipeline.bundle_id) if pipeline is not None else None
            if pipeline is None or watch is None:
                self._measures.gone()
                continue
            self._look_at(sample, pipeline, watch)
        self._tell()

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE):
            try:
                self.look()
            except Exception:
                # Whatever it is, requests are answered as before.
                log.exception("the sentinels have failed, and go on")

    def _follow(self) -> None:
        """Watch what serves now, forget what no longer does, and look at what is due of it."""
        serving = {pipeline.bundle_id: pipeline for _, pipeline in self._arms()}
        self._watches = {one: self._watches.get(one) or BundleWatch(self._settings) for one in serving}
        self._references = {one: found for one, found in self._references.items() if one in serving}
        items_due = time.monotonic() >= self._items_due
        for bundle_id, pipeline in serving.items():
            watch, current = self._watches[bundle_id], current_of(pipeline)
            if items_due:
                self._look_at_items(current, watch)
            if watch.tenths is None and self._may_work():
                began = time.thread_time()
                reference = self._references.setdefault(bundle_id, Reference(current))
                watch.tenths = reference.ask(current)
                self._rest(began)
        if items_due:
            self._items_due = time.monotonic() + self._settings.every

    def _look_at(self, sample: Sample, pipeline: Watched, watch: BundleWatch) -> None:
        request, answer = sample.request, sample.answer
        current = current_of(pipeline)
        unknown = sum(event.item_id not in current.served.items for event in request.profile.history)
        watch.add_list(request, answer, unknown)
        self._measures.looked(len(request.profile.history), unknown)
        if answer.search_depth != current.search_depth or not self._may_work():
            self._measures.left_out()
            return
        began = time.thread_time()
        try:
            found = search_again(current, request)
        except PipelineError:
            # It could be answered before; what it names has gone since.
            found = []
        watch.add_searches(found)
        self._measures.searched(found)
        self._rest(began)
        depth = watch.wanted_depth()
        if depth is not None:
            self._deepen(pipeline, watch, depth)

    def _deepen(self, pipeline: Watched, watch: BundleWatch, depth: float) -> None:
        found = ", ".join(watch.report(dropped=0).warnings)
        pipeline.search_deeper(depth)
        watch.searched_deeper(depth)
        log.warning("bundle %s is searched %g times as deep from now on: %s", pipeline.bundle_id, depth, found)

    def _look_at_items(self, pipeline: Pipeline, watch: BundleWatch) -> None:
        """Encode a few items again, among them always some of those that came since the bundle was made."""
        count = len(pipeline.served.items)
        if count < 2:
            return
        rows = self._drawn.integers(1, count, _ITEMS)
        newest = np.arange(max(count - _ITEMS // 4, 1), count)
        found = encode_again(pipeline.served, np.unique(np.concatenate([rows, newest])).astype(np.int32))
        watch.add_items(found)
        self._measures.encoded(found)

    def _may_work(self) -> bool:
        """Say whether there is time for what costs as much as a request."""
        return time.monotonic() >= self._rested

    def _rest(self, began: float) -> None:
        """Do nothing that costs for so long that what was spent stays within the budget."""
        self._rested = time.monotonic() + (time.thread_time() - began) / self._settings.budget

    def _tell(self) -> None:
        self._measures.tell({arm: self.report(pipeline.bundle_id) for arm, pipeline in self._arms()})
        dropped = self._samples.dropped
        self._measures.dropped(dropped - self._dropped)
        self._dropped = dropped

    def _arms(self) -> Iterator[tuple[str, Watched]]:
        arms = self._loaded.now
        for name, pipeline in (("stable", arms.stable), ("canary", arms.canary)) if arms else ():
            if isinstance(pipeline, Watched):
                yield name, pipeline


def current_of(pipeline: Watched) -> Pipeline:
    """Return the pipeline as it is now, which stays at its position of the log."""
    return pipeline.current if isinstance(pipeline, LivePipeline) else pipeline
