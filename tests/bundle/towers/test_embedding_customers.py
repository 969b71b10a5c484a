import numpy as np
import pytest
from arrays import batch_of

from shortlist_bundle.signals.past import sum_up
from shortlist_bundle.towers.embedding import EmbeddingCustomers

ITEMS = np.array([[0, 0, 0], [1, 0, 0.1], [0, 1, 0.2], [2, 2, 0.3]], np.float32)
# The second customer is in the vocabulary, but the fit has seen nothing of them.
CUSTOMERS = np.array([[0, 0, 0], [5, 6, 1], [0, 0, 0]], np.float32)
FOLD = np.array([[2, 0], [0, 4]], np.float32)


def encode(customers, rows):
    batch = batch_of(rows, customers=customers)
    past = sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=len(ITEMS))
    return EmbeddingCustomers(customers=CUSTOMERS.copy(), items=ITEMS, fold=FOLD)(batch, past)


def test_a_known_customer_has_a_vector_whatever_the_history():
    assert encode([1, 1], [[], [(2, 0)]]).tolist() == [[5, 6, 1]] * 2


def test_a_stranger_is_folded_in_from_the_mean_of_the_distinct_items():
    assert encode([0, 1], [[(1, 0), (1, 0), (2, 0)], []])[0] == pytest.approx([1, 2, 1])


def test_a_customer_whom_the_fit_has_not_seen_is_folded_in_too():
    assert encode([2], [[(2, 0)]])[0] == pytest.approx([0, 4, 1])


def test_nothing_known_is_zeros():
    assert encode([0, 2], [[], []]).tolist() == [[0, 0, 0]] * 2
    assert encode([0, 0], [[], [(1, 0)]]).tolist() == [[0, 0, 0], [2, 0, 1]]
    assert encode([0], [[(0, 0)]]).tolist() == [[0, 0, 0]]


def test_the_stored_vectors_are_not_written_to():
    model = EmbeddingCustomers(customers=CUSTOMERS.copy(), items=ITEMS, fold=FOLD)
    batch = batch_of([[(2, 0)]], customers=[2])
    model(batch, sum_up(batch.history, batch.now, (1.0,), things=batch.history.items, width=len(ITEMS)))
    assert model.customers.tolist() == CUSTOMERS.tolist()
