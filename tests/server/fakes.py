"""A pipeline without a bundle: three items, two customers, and ways to be slow or broken."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.log import Appended
from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.filters.conditions import conditions
from shortlist_bundle.model import Model
from shortlist_bundle.policy import Placement
from shortlist_bundle.shares import SourceShare
from shortlist_bundle.sources.strategies import Strategy
from shortlist_server.errors import (
    FeatureOff,
    InvalidRequest,
    NotReady,
    PipelineError,
    UnknownAttribute,
    UnknownCustomer,
    UnknownItem,
)
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.pipeline.reply import (
    ClockUsed,
    CustomerVectors,
    Explanation,
    FilterReport,
    HistoryShare,
    Recommendations,
    RuleMove,
    ScoreKind,
    Scores,
    SimilarCustomers,
    SimilarItems,
    SourceRank,
    Taken,
)
from shortlist_server.pipeline.request import (
    RecommendRequest,
    ScoreRequest,
    Seen,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)

ITEMS = ("apple", "bread", "cheese")
CUSTOMERS = ("ann", "bob")
SOURCES = ("two_tower", "popular")
ATTRIBUTES = {"department": "category", "organic": "flag"}
LOG_END = 1_500_000_000.0
PLACEMENTS = {
    "home": Placement(
        diversity=Diversity(
            method="calibration",
            strength=0.5,
            serendipity=0.25,
            caps=(("department", 2),),
            quotas=(Quota(attribute="department", value="food"),),
            calibrate="department",
        ),
        sources=(SourceShare(source="content", quota=2), SourceShare(source="popularity", weight=0.5)),
    ),
    "default": Placement(),
}
REPORT = FilterReport(strategy=Strategy.SELECTOR, matching=2, scanned=7, survived=1)
SECRET = "a secret of the server"
EXPLANATION = Explanation(
    sources=[
        SourceRank(
            source="popular", rank=0, score=1.0, history=[HistoryShare(item_id="apple", share=0.5)], history_share=0.75
        )
    ],
    score_changes=[0.5, -0.25],
    taken=Taken(count=2, since=10.0, gap=None),
    moves=[RuleMove(rule="cap", ranks=-1)],
)


class FakePipeline:
    """Answers like a pipeline, in `seconds` per request, and not while it is held; remembers what it was asked."""

    def __init__(
        self, *, model: str = "default", seconds: float = 0.0, begun: Callable[[], None] = lambda: None
    ) -> None:
        self.model = model
        self.version = "v1"
        self.bundle_id = "b" * 16
        self.placements = tuple(PLACEMENTS)
        self.seconds = seconds
        self.begun = begun
        self.free = threading.Event()
        self.free.set()
        self.requests: list[object] = []
        self.running = 0
        self.most_running = 0
        self._lock = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish no request before the end of the block."""
        self.free.clear()
        try:
            yield
        finally:
            self.free.set()

    def now(self) -> float:
        return LOG_END

    def recommend(self, requests: Sequence[RecommendRequest]) -> Sequence[Recommendations | PipelineError]:
        self._work(requests)
        return [self._recommend(request) for request in requests]

    def similar_items(self, request: SimilarItemsRequest) -> SimilarItems:
        self._work([request])
        if request.item_id not in ITEMS:
            raise UnknownItem(request.item_id)
        if request.space != "two_tower":
            raise InvalidRequest.at("space", f"{request.space!r} is not a space of the bundle")
        near = [item for item in ITEMS if item != request.item_id][: request.k]
        report = REPORT if request.filter else None
        return SimilarItems(item_ids=near, scores=[0.5] * len(near), space=request.space, filter_report=report)

    def similar_customers(self, request: SimilarCustomersRequest) -> SimilarCustomers:
        self._work([request])
        known = request.customer_id in CUSTOMERS
        if request.require_known and not known:
            raise UnknownCustomer(request.customer_id or "")
        near = [one for one in CUSTOMERS if one != request.customer_id][: request.k]
        return SimilarCustomers(
            customer_ids=near,
            scores=[0.5] * len(near),
            as_of=LOG_END if request.as_of is None else request.as_of,
            clock=ClockUsed.LOG_END if request.as_of is None else ClockUsed.REQUEST,
            known_customer=known,
            fallbacks=() if known else ("cold_start:features",),
        )

    def score(self, request: ScoreRequest) -> Scores:
        self._work([request])
        for item in request.items:
            if item not in ITEMS:
                raise UnknownItem(item)
        return Scores(item_ids=request.items, scores=[4.5] * len(request.items), kind=ScoreKind.RATING)

    def encode_customers(self, requests: Sequence[RecommendRequest]) -> CustomerVectors:
        self._work(requests)
        return CustomerVectors(
            vectors=np.arange(len(requests) * 4, dtype=np.float32).reshape(-1, 4),
            known=[bool(request.customer_id) for request in requests],
            as_of=LOG_END if requests[0].as_of is None else requests[0].as_of,
            clock=ClockUsed.LOG_END if requests[0].as_of is None else ClockUsed.REQUEST,
        )

    def encode_items(self, item_ids: Sequence[str]) -> np.ndarray:
        self._work([item_ids])
        for item in item_ids:
            if item not in ITEMS:
                raise UnknownItem(item)
        return np.arange(len(item_ids) * 4, dtype=np.float32).reshape(-1, 4)

    def reach(self, position: int, timeout: float | None) -> None:
        if position:
            raise FeatureOff("after_position", "needs a log")

    def record(self, changes: Sequence[Change]) -> Appended:
        raise FeatureOff("changes", "needs a log")

    def known(self) -> Model:
        raise UnknownItem("none")

    def changing(self) -> Model:
        raise FeatureOff("changes", "needs a log")

    def close(self) -> None:
        pass

    def description(self) -> ModelDescription:
        return ModelDescription(
            model=self.model,
            version=self.version,
            bundle_id=self.bundle_id,
            items=len(ITEMS),
            customers=len(CUSTOMERS),
            embedding_size=4,
            sources=SOURCES,
            spaces=("two_tower",),
            attributes=ATTRIBUTES,
            features={"customers": {"age": "number"}, "interactions": {"device": "category"}},
            log_end=LOG_END,
            created=1_600_000_000.0,
            metrics={"ndcg@10": 0.25},
            aliases=("stable",),
            needs_sources=("knowledge",),
            placements=PLACEMENTS,
            clock=ClockUsed.LOG_END,
            score_kind=ScoreKind.RATING,
        )

    def _work(self, requests: Sequence[object]) -> None:
        with self._lock:
            self.requests.extend(requests)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        self.begun()
        try:
            if self.seconds:
                time.sleep(self.seconds)
            self.free.wait(60.0)
        finally:
            with self._lock:
                self.running -= 1

    def _recommend(self, request: RecommendRequest) -> Recommendations | PipelineError:
        known = request.customer_id in CUSTOMERS
        if request.customer_id == "defect":
            raise ZeroDivisionError(SECRET)
        if request.require_known and not known:
            return UnknownCustomer(request.customer_id or "")
        for condition in conditions(request.filter) if request.filter else ():
            if condition.attribute not in ATTRIBUTES:
                return UnknownAttribute("filter", condition.attribute)
        taken = () if request.seen is Seen.INCLUDE else request.taken
        items = [item for item in ITEMS if item not in (*request.exclude_items, *taken)][: request.k]
        return Recommendations(
            item_ids=items,
            scores=[float(len(items) - rank) for rank in range(len(items))],
            source_masks=[3] * len(items),
            sources=SOURCES,
            explanations=[EXPLANATION for _ in items] if request.explain else (),
            score_groups=("source:popular", "item") if request.explain else (),
            as_of=LOG_END if request.as_of is None else request.as_of,
            clock=ClockUsed.LOG_END if request.as_of is None else ClockUsed.REQUEST,
            known_customer=known,
            fallbacks=() if known else ("cold_start:features",),
            unknown_items=sum(item not in ITEMS for item in request.exclude_items),
            candidates=len(ITEMS),
            timings_ms={"resolve": 0.1, "rerank": 0.2},
            filter_report=REPORT if request.filter else None,
        )


def load(seconds: float = 0.0) -> FakePipeline:
    """Load at once; `seconds` per request."""
    return FakePipeline(seconds=seconds)


def load_telling(seconds: float = 0.0) -> FakePipeline:
    """Load at once; tell of each request when the work on it begins."""
    return FakePipeline(seconds=seconds, begun=partial(tell, "working"))


def load_slowly() -> FakePipeline:
    """Tell of it, and load for longer than any test waits."""
    tell("loading")
    time.sleep(600.0)
    return FakePipeline()


def load_never() -> FakePipeline:
    """Fail as a bundle fails that may not serve."""
    raise NotReady("this bundle never loads", retry_after=1.0)


def tell(event: str) -> None:
    """Print one line in one write: several workers share the pipe."""
    sys.stdout.write(json.dumps({"event": event}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    from shortlist_server.commands.serve import print_json, start
    from shortlist_server.settings import ServeSettings

    # fakes.py LOAD WORKERS GRACE DRAIN_WAIT SECONDS [PORT [METRICS]]
    kind, workers, grace, drain_wait, seconds, *port = sys.argv[1:]
    chosen = {
        "load": partial(load, float(seconds)),
        "load_telling": partial(load_telling, float(seconds)),
        "load_slowly": load_slowly,
        "load_never": load_never,
    }[kind]
    settings = ServeSettings(
        port=int(port[0]) if port else 0,
        workers=int(workers),
        grace=float(grace),
        drain_wait=float(drain_wait),
        metrics=port[1] if len(port) > 1 else "",
    )
    start(settings, chosen, print_json)
