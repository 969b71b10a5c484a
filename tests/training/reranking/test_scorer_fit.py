"""The scorer on lists that were made by hand, with an answer that is plain to see."""

import numpy as np
import pytest
from small_logs import dataset_of

from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.config.models import ScorerConfig
from shortlist_training.evaluation.targets import Targets
from shortlist_training.progress import Silent
from shortlist_training.reranking.fit import ScorerFit, new_scorer
from shortlist_training.reranking.lists import Lists

CUSTOMERS, ITEMS, SHOWN = 60, 30, 12
DATASET = dataset_of(
    [(f"c{n:02}", f"i{n % ITEMS:02}", float(n)) for n in range(CUSTOMERS)],
    items={"item_id": [f"i{n:02}" for n in range(ITEMS)], "kind": [f"w{n % 3}" for n in range(ITEMS)]},
)
VECTORS = np.random.default_rng(9).normal(size=(ITEMS + 1, 5)).astype(np.float32)


def lists_of(seed=0, *, count=CUSTOMERS, shown=SHOWN, threshold=1.0):
    """Build lists in which the first signal says what was taken, the second is noise and the third constant."""
    random = np.random.default_rng(seed)
    items = np.stack([np.sort(random.permutation(ITEMS)[:shown] + 1) for _ in range(count)]).astype(np.int32)
    items[::4, -3:] = 0
    signals = random.normal(size=(count, shown, 3)).astype(np.float32)
    signals[..., 1] *= 1000
    signals[..., 2] = 7
    taken = (signals[..., 0] > threshold) & (items > 0)
    return Lists(
        seen_allowed=False,
        targets=targets_of(items, taken),
        vectors=random.normal(size=(count, 5)).astype(np.float32),
        item_vectors=VECTORS,
        items=items,
        ranks=np.zeros((count, shown, 1), np.int16),
        signals=signals,
    )


def targets_of(items, taken):
    """Build targets; whoever has taken nothing of what was shown has taken something else."""
    keys = []
    for row, shown in enumerate(items):
        others = sorted(set(range(1, ITEMS + 1)) - set(shown.tolist()))
        keys += [row * (ITEMS + 1) + item for item in sorted(shown[taken[row]].tolist()) or others[:1]]
    keys = np.array(keys, np.int64)
    sizes = np.bincount(keys // (ITEMS + 1), minlength=len(items))
    return Targets(rows=np.arange(1, len(items) + 1), width=ITEMS + 1, keys=keys, sizes=sizes)


def fitted(config, lists, *, rounds=6, tune=()):
    scorer = new_scorer(DATASET, config, lists, width=4, seed=0)
    fit = ScorerFit(scorer, config, seed=0)
    return fit, fit.run(lists, Silent(), rounds=rounds, name="scorer", tune=tune)


def test_labels_mark_what_was_taken():
    lists = lists_of()
    assert (lists.labels == ((lists.signals[..., 0] > 1) & (lists.items > 0))).all()
    assert lists.labels.dtype == np.float32


def test_signals_are_standardised_by_what_the_lists_hold_and_constants_vanish():
    lists = lists_of()
    scorer = new_scorer(DATASET, ScorerConfig(), [lists], width=4, seed=0)
    standard = scorer.standardise(lists.signals)[lists.items > 0]
    assert standard.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-3)
    assert standard.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-3)


def test_encodings_are_read_only_when_asked_for():
    for encodings, width in ((False, 0), (True, 4)):
        config = ScorerConfig(encodings=encodings)
        assert new_scorer(DATASET, config, [lists_of()], width=4, seed=0).encoding_width == width


@pytest.mark.parametrize("encodings", [False, True])
@pytest.mark.parametrize("loss", ["listwise", "cross_entropy"])
def test_the_scorer_learns_which_signal_counts(loss, encodings):
    config = ScorerConfig(batch_size=8, learning_rate=0.01, loss=loss, encodings=encodings, dropout=0.0)
    later = lists_of(1)
    fit, record = fitted(config, [lists_of(), lists_of(2, shown=9)], tune=[later])
    assert record.rounds[record.best - 1].figure == pytest.approx(fit.ndcg([later]))
    logits = fit.logits(later)
    asked = later.labels.any(axis=1)
    best = np.where(later.items > 0, logits, -np.inf).argmax(axis=1)
    assert later.labels[np.arange(CUSTOMERS), best][asked].mean() > 0.95


def test_logits_live_on_the_scale_of_probabilities():
    """Lists in which nothing was taken count, or a rare event would look common."""
    config = ScorerConfig(batch_size=8, learning_rate=0.02, loss="cross_entropy", dropout=0.0)
    lists = lists_of(threshold=1.9)
    assert lists.labels.any(axis=1).mean() < 0.35
    lists.signals[..., 0] = 0
    fit, _ = fitted(config, [lists], rounds=12)
    present = lists.items > 0
    share = 1 / (1 + np.exp(-fit.logits(lists)[present].astype(np.float64)))
    assert share.mean() == pytest.approx(lists.labels[present].mean(), rel=0.4)


def test_the_exported_scorer_orders_like_the_one_that_was_fitted():
    config = ScorerConfig(batch_size=8, encodings=True)
    lists = lists_of()
    fit, _ = fitted(config, [lists], rounds=1)
    rows = lists.targets.rows.astype(np.int32)
    batch = CustomerBatch(
        rows=rows,
        features=DATASET.customer_features.take(rows),
        history=DATASET.events.take(rows),
        now=np.zeros(CUSTOMERS),
    )
    exported = fit.scorer.export(VECTORS)(batch, lists.vectors, lists.items, lists.signals)
    np.testing.assert_allclose(exported, fit.logits(lists), rtol=1e-4, atol=1e-4)


def test_more_customers_than_a_chunk_have_all_their_logits():
    fit, _ = fitted(ScorerConfig(), [lists_of()], rounds=1)
    many = lists_of(3, count=CUSTOMERS)
    whole = fit.logits(many)
    assert whole.shape == (CUSTOMERS, SHOWN)
    assert whole[[5]] == pytest.approx(fit.forward(*fit._inputs(many, np.array([5]))).numpy(), abs=1e-5)


def test_tuning_lists_without_candidates_score_zero():
    lists = lists_of()
    fit, _ = fitted(ScorerConfig(), [lists], rounds=1)
    empty = Lists(
        seen_allowed=False,
        targets=lists.targets,
        vectors=lists.vectors,
        item_vectors=VECTORS,
        items=np.zeros((CUSTOMERS, 0), np.int32),
        ranks=np.zeros((CUSTOMERS, 0, 1), np.int16),
        signals=np.zeros((CUSTOMERS, 0, 3), np.float32),
    )
    assert fit.ndcg([empty]) == 0
