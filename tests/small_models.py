"""Whole models built by hand: every part is there, nothing is trained."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "bundle"))

from arrays import histories, random_engine

from shortlist_bundle.calibration import Calibration, Isotonic, Sigmoid
from shortlist_bundle.catalogue import Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.customer_space import CustomerSpace
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit, TextFit, ValuesFit
from shortlist_bundle.filters.conditions import All, Equals
from shortlist_bundle.model import Model
from shortlist_bundle.policy import Policy
from shortlist_bundle.ratings import EmbeddingRating, FeatureRating
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.snapshot import Snapshot
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum
from shortlist_bundle.vocabulary import Vocabulary
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline

ITEMS, CUSTOMERS = 30, 6
LOG_END, IDLE = 100.0, 10.0
CUSTOMER_SPEC = FeatureSpec(
    (
        ColumnSpec("age", ColumnKind.NUMBER, NumberFit(mean=40, scale=10, low=18, high=90)),
        ColumnSpec("town", ColumnKind.CATEGORY, ValuesFit(values=("ash", "birch"))),
        ColumnSpec("tags", ColumnKind.CATEGORIES, ValuesFit(values=("a", "b", "c"), width=3)),
    )
)
ITEM_SPEC = FeatureSpec(
    (
        ColumnSpec("price", ColumnKind.NUMBER, NumberFit(mean=5, scale=2, low=1, high=9)),
        ColumnSpec("title", ColumnKind.TEXT, TextFit(buckets=16, longest=1, width=4)),
    )
)


CONTEXT_SPEC = FeatureSpec(
    (
        ColumnSpec("hour", ColumnKind.NUMBER, NumberFit(mean=12, scale=6, low=0, high=24)),
        ColumnSpec("device", ColumnKind.CATEGORY, ValuesFit(values=("phone", "till"))),
    )
)


def equal(**values):
    """Return the filter that requires these values, None without any."""
    conditions = tuple(Equals(name, value) for name, value in values.items())
    return All(conditions) if conditions else None


def item(number):
    return f"i{number:02}"


def customer(number):
    return f"c{number}"


def catalogue_of(*, items=ITEMS):
    """Return a catalogue with an attribute of every kind; item n has what n's divisors say, item 7 has nothing."""
    numbers = np.arange(items + 1)
    kinds = Vocabulary(["bread", "milk", "nuts"])
    words = np.array([0, *[kinds.row(("milk", "nuts", "bread")[n % 3]) for n in numbers[1:]]], np.int32)
    tags = Vocabulary(["even", "third"])
    own = [[tags.row(tag) for tag, size in (("even", 2), ("third", 3)) if n and n % size == 0] for n in numbers]
    titles = Vocabulary(f"title {n}" for n in numbers[1:])
    prices, flags = numbers / 2.0, (numbers % 5 == 0).astype(np.float64)
    for values in (prices, flags):
        values[[0, 7]] = np.nan
    words[7] = 0
    return Catalogue(
        attributes={
            "kind": TextAttribute(kind=ColumnKind.CATEGORY, values=kinds, codes=words),
            "title": TextAttribute(
                kind=ColumnKind.TEXT,
                values=titles,
                codes=np.array([0, *(titles.row(f"title {n}") for n in numbers[1:])], np.int32),
            ),
            "price": NumberAttribute(kind=ColumnKind.NUMBER, values=prices),
            "since": NumberAttribute(kind=ColumnKind.TIME, values=numbers * 10.0),
            "organic": NumberAttribute(kind=ColumnKind.FLAG, values=flags),
            "tags": ListAttribute(
                values=tags,
                offsets=np.cumsum([0, *map(len, own)]).astype(np.int64),
                codes=np.array([code for codes in own for code in codes], np.int32),
            ),
        },
        available_from=np.full(items + 1, -np.inf),
        available_until=np.full(items + 1, np.inf),
    )


def model_of(*, seed=0, engine=True, ratings=None, seen_allowed=True, by_rating=False, has_times=True, **changes):
    """Return a model of 6 customers and 30 items over a log of 100 seconds."""
    random = np.random.default_rng(seed)
    encoder = FeatureEncoder(CUSTOMER_SPEC)
    known = encoder.encode(
        {
            "age": [None, 20, 30, None, 50, 60, 70],
            "town": [None, "ash", "birch", "ash", None, "birch", None],
            "tags": [[], ["a"], ["a", "b"], [], [], ["c"], []],
        },
        CUSTOMERS + 1,
    )
    # Customer 6 has taken nothing.
    lengths = [0, 4, 8, 1, 6, 3, 0]
    events = histories([_past(random, length) for length in lengths])
    if not has_times:
        events = replace(events, times=np.zeros_like(events.times))
    model = Model(
        customers=Vocabulary(customer(n) for n in range(1, CUSTOMERS + 1)),
        items=Vocabulary(item(n) for n in range(1, ITEMS + 1)),
        customer_encoder=encoder,
        item_encoder=FeatureEncoder(ITEM_SPEC),
        catalogue=catalogue_of(),
        snapshot=Snapshot(events=events, encoded=known, watermark=len(events.items)),
        clock=Clock(has_times=has_times, log_start=0.0, log_end=LOG_END * has_times, idle_limit=IDLE * has_times),
        engine=random_engine(seed, items=ITEMS, customers=CUSTOMERS) if engine else None,
        ratings=ratings,
        policy=Policy(seen_allowed=seen_allowed, ranks_by_rating=by_rating),
        figures={"headline": {"ndcg@10": 0.25, "missing": None}, "split": {"kind": "time"}},
        customer_space=customer_space(seed) if engine else None,
    )
    return replace(model, **changes)


def customer_space(seed=0, *, width=4):
    """Draw where the customers stood; customers 3 and 5 stood at one place, and of customer 6 nothing is known."""
    vectors = np.random.default_rng([seed, 3]).normal(size=(CUSTOMERS + 1, width))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[5] = vectors[3]
    vectors[[0, 6]] = 0
    return CustomerSpace(vectors.astype(np.float16))


def stepped_calibration():
    return Calibration(
        proposed=Isotonic(logits=np.array([-3.0, 0.0, 3.0]), probabilities=np.array([0.01, 0.1, 0.4])),
        others=Sigmoid(method="platt", slope=0.5, intercept=-6.0),
        window="tuning", start=70.0, end=80.0, error=0.02,
    )  # fmt: skip


def limited(catalogue, *, since=(), until=()):
    """Return the catalogue with some (item row, moment) from which, and up to which, an item can be had."""
    starts, ends = catalogue.available_from.copy(), catalogue.available_until.copy()
    for row, moment in since:
        starts[row] = moment
    for row, moment in until:
        ends[row] = moment
    return replace(catalogue, available_from=starts, available_until=ends)


def _past(random, length):
    times = np.sort(random.uniform(0, LOG_END, length))
    return [(int(random.integers(1, ITEMS + 1)), float(time)) for time in times]


def bare_model(*, seed=0):
    """Return a model of a log without any features: no customers table, no items table, no attributes."""
    model = model_of(seed=seed)
    nothing = FeatureEncoder(FeatureSpec())
    engine = model.engine
    retriever, reranker = engine.retriever, engine.reranker
    tower = replace(
        retriever.tower,
        features=replace(retriever.tower.features, kernel=np.zeros((0, 4), np.float32), tables={}),
    )
    scorer = reranker.scorer
    scorer.customer_kernel = scorer.customer_kernel[-reranker.encoding_width :]
    engine.retriever = replace(retriever, tower=tower, level_codes=(), signals=replace(retriever.signals, levels=()))
    kept = [n for n, name in enumerate(retriever.signals.names) if not name.startswith("kind:")]
    scorer.signal_kernel = scorer.signal_kernel[kept]
    engine.reranker = replace(
        reranker,
        feature_input=FeatureInput(tables={}),
        signal_mean=reranker.signal_mean[kept],
        signal_scale=reranker.signal_scale[kept],
    )
    ends = model.catalogue
    return replace(
        model,
        customer_encoder=nothing,
        item_encoder=nothing,
        catalogue=Catalogue(attributes={}, available_from=ends.available_from, available_until=ends.available_until),
        snapshot=replace(model.snapshot, encoded=EncodedFeatures(np.zeros((CUSTOMERS + 1, 0), np.float32), {})),
    )


def context_model(*, seed=0):
    """Return a model whose customer tower reads the context of a request."""
    random = np.random.default_rng(seed)
    model = model_of(seed=seed, context_encoder=FeatureEncoder(CONTEXT_SPEC))
    device = random.normal(size=(4, 4)).astype(np.float32)
    device[0] = 0
    context = FeatureSum(kernel=random.normal(size=(2, 4)).astype(np.float32), tables={"device": device})
    retriever = model.engine.retriever
    model.engine.retriever = replace(retriever, tower=replace(retriever.tower, context=context))
    return model


def embedding_ratings(*, seed=0, customers=CUSTOMERS, items=ITEMS):
    random = np.random.default_rng(seed)
    tables = [random.normal(size=shape).astype(np.float32) for shape in _shapes(customers, items)]
    for table in tables:
        table[0] = 0
    return EmbeddingRating(
        mean=3.0, customer_bias=tables[0], item_bias=tables[1], customers=tables[2], items=tables[3], low=1.0, high=5.0
    )


def _shapes(customers, items):
    return (customers + 1,), (items + 1,), (customers + 1, 3), (items + 1, 3)


def feature_ratings(*, seed=0, joined=False):
    """Return an MLP over the customers' features; joined it has a customer tower and a sigmoid."""
    random = np.random.default_rng(seed)

    def floats(*shape):
        return random.normal(size=shape).astype(np.float32)

    width, hidden = 2 + 3 + 3 + 2, 8
    tower = [Dense(kernel=floats(width, 6), bias=floats(6), relu=True)] if joined else []
    town, tags, ids = floats(4, 3), floats(5, 3), floats(CUSTOMERS + 1, 2)
    for table in (town, tags, ids):
        table[0] = 0
    return FeatureRating(
        feature_input=FeatureInput(tables={"town": town, "tags": tags}),
        customer_ids=ids,
        scorer=PairScorer(
            customer_layers=tower,
            item_half=floats(ITEMS + 1, hidden),
            customer_kernel=floats(6 if joined else width, hidden),
            signal_kernel=np.zeros((0, hidden), np.float32),
            bias=floats(hidden),
            layers=[
                Dense(kernel=floats(hidden, 4), bias=floats(4), relu=True),
                Dense(kernel=floats(4, 1), bias=floats(1), relu=False),
            ],
            output=Output(sigmoid=joined, low=1.0, high=5.0),
        ),
        low=1.0,
        high=5.0,
    )


RATINGS = {
    "embedding": embedding_ratings,
    "scorer": feature_ratings,
    "two_tower": lambda: feature_ratings(joined=True),
}


def pipeline_of(model=None, *, clock=ClockPolicy.LOG_END):
    return Pipeline(
        model or model_of(), name="default", version="v1", bundle_id="0123456789abcdef", clock=clock, created=1.0
    )


def taken_by(model, number):
    """Return what a customer of the snapshot has taken, as item ids."""
    return set(model.items.ids(model.snapshot.histories(np.array([number])).items))
