"""A retriever of really fitted models, on a small log."""

import numpy as np
import pytest
from small_logs import all_events, two_camps

from shortlist_bundle.engine import Engine
from shortlist_bundle.towers.embedding import EmbeddingSpace
from shortlist_training.config.models import EmbeddingConfig, TwoTowerConfig
from shortlist_training.config.run import RunConfig, SourcesConfig
from shortlist_training.fitting.embedding import EmbeddingFit
from shortlist_training.fitting.two_tower import TwoTowerFit
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.progress import Silent
from shortlist_training.reranking.fit import ScorerFit, new_scorer
from shortlist_training.reranking.lists import make_lists, source_lists
from shortlist_training.retrieval.allowed import allowed_items
from shortlist_training.retrieval.batches import training_clock, window_batches
from shortlist_training.retrieval.retriever import build_retriever, with_counts
from shortlist_training.split.plan import SplitKind, plan_split

CONFIG = RunConfig(
    two_tower=TwoTowerConfig(embedding_size=8, history_length=6, batch_size=16, learning_rate=0.02),
    embedding=EmbeddingConfig(
        objective="sampled_softmax", embedding_size=8, batch_size=16, negatives=16, learning_rate=0.05
    ),
    sources=SourcesConfig(names=("item_cf", "two_tower", "popularity", "own_past", "embedding")),
)
DEPTHS = dict.fromkeys(CONFIG.sources.names, 4)


class Fitted:
    def __init__(self):
        items = {"item_id": [f"i{n:03}" for n in range(30)], "aisle": [f"w{n % 5}" for n in range(30)]}
        self.dataset = two_camps(items=30, length=9, items_table=items)
        self.plan = plan_split(self.dataset, SplitKind.LAST)
        self.clock = training_clock(self.dataset, self.plan.scorer, typical=0.5)
        limits = self.plan.given
        self.tower = TwoTower(self.dataset, CONFIG.two_tower, seed=0)
        fit = TwoTowerFit(self.tower, self.dataset, CONFIG.two_tower, limits=limits, seed=0)
        fit.run(Silent(), rounds=8, name="two-tower")
        model = EmbeddingModel(
            customer_rows=self.dataset.customer_rows, item_rows=self.dataset.item_rows,
            embedding_size=8, mean=0.0, spread=0.1, seed=0,
        )  # fmt: skip
        self.embedding = EmbeddingFit(model, self.dataset, CONFIG.embedding, limits=limits, seed=0)
        self.embedding.run(Silent(), rounds=8, name="embedding")
        self.retriever = build_retriever(
            self.dataset, CONFIG, limits=limits, tower=self.tower,
            embedding=EmbeddingSpace(customers=self.embedding.export_customers(), items=model.item_vectors()),
            fits={},
        )  # fmt: skip

    def lists(self, window, *, seen_allowed=False, limit=1000):
        return make_lists(
            self.dataset, self.retriever, window, self.clock, DEPTHS,
            seen_allowed=seen_allowed, limit=limit, seed=0, bar=Silent(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def fitted():
    return Fitted()


def test_the_boards_stand_in_the_order_of_the_configuration(fitted):
    assert fitted.retriever.signals.sources == CONFIG.sources.names
    ((_, batch),) = window_batches(fitted.dataset, fitted.plan.judge, np.arange(1, 41), fitted.clock)
    assert tuple(fitted.retriever.encode(batch).boards) == CONFIG.sources.names


def test_the_level_is_the_aisle(fitted):
    assert fitted.retriever.signals.levels == ("aisle",)
    assert len(fitted.retriever.level_codes[0]) == fitted.dataset.item_rows


def test_counts_move_on_without_the_models(fitted):
    later = with_counts(fitted.retriever, fitted.dataset, all_events(fitted.dataset))
    before, after = (r.counts.cumulative[-1].sum() for r in (fitted.retriever, later))
    assert before < after == len(fitted.dataset.events.items)
    assert later.tower is fitted.retriever.tower
    assert later.counting["popularity"].buckets == fitted.retriever.counting["popularity"].buckets


def test_every_source_but_popularity_and_the_own_past_finds_the_camp(fitted):
    lists, targets = source_lists(
        fitted.dataset, fitted.retriever, fitted.plan.judge, fitted.clock,
        seen_allowed=False, depth=2, limit=1000, seed=0,
    )  # fmt: skip
    camps = np.array([int(id[1:]) % 2 for id in fitted.dataset.customers.ids(targets.rows)])
    for name in ("item_cf", "two_tower", "embedding"):
        proposed = np.array([[int(item[1:]) % 2 for item in fitted.dataset.items.ids(row)] for row in lists[name]])
        assert (proposed == camps[:, None]).mean() > 0.9, name
    assert not lists["own_past"].any()


def test_a_batch_and_single_customers_get_the_same_answers(fitted):
    lists = fitted.lists(fitted.plan.scorer)
    scorer = new_scorer(fitted.dataset, CONFIG.scorer, [lists], width=8, seed=0)
    vectors = fitted.tower.item_vectors()
    ScorerFit(scorer, CONFIG.scorer, seed=0).run([lists], Silent(), rounds=1, name="scorer")
    engine = Engine(fitted.retriever, scorer.export(vectors), depths={True: DEPTHS, False: DEPTHS})
    ((_, batch),) = window_batches(fitted.dataset, fitted.plan.judge, np.arange(1, 41), fitted.clock)

    def answers(part):
        encoded = engine.retriever.encode(part)
        candidates = engine.retrieve(
            encoded, allowed_items(fitted.dataset, part, part.now, seen_allowed=False), seen_allowed=False, at_least=10
        )
        return candidates, engine.rerank(encoded, candidates, seen_allowed=False, k=10)

    candidates, ranked = answers(batch)
    assert (ranked.items > 0).all()
    for row in range(0, 40, 7):
        own, alone = answers(batch.take(np.array([row])))
        assert own.items[own.items > 0].tolist() == candidates.items[row][candidates.items[row] > 0].tolist()
        assert alone.items[0].tolist() == ranked.items[row].tolist()
        np.testing.assert_allclose(alone.scores[0], ranked.scores[row], atol=1e-5)
