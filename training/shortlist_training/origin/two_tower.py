"""The two-tower of a bundle, as a model that can be trained on."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shortlist_bundle.engine import Retriever
from shortlist_bundle.item_side.tower import ItemTower
from shortlist_bundle.towers.layers import FeatureSum, Float, unit
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import WarmStartError
from shortlist_training.models.feature_layers import FeatureSumLayer
from shortlist_training.models.two_tower import TwoTower
from shortlist_training.origin.carrying import carried_table, put, put_tables
from shortlist_training.origin.opening import Pair
from shortlist_training.origin.rows import CarriedRows
from shortlist_training.retrieval.counting import distinct_pairs

USUAL_LENGTH = 2.0
"""Of the sum of an item's id and features, where the bundle does not say. Its direction is what counts; the length only
says how far a step of training turns it."""


def carried_tower(
    pair: Pair, dataset: Dataset, rows: CarriedRows, seen: NDArray[np.int64], config: TwoTowerConfig, *, seed: int
) -> TwoTower:
    """Return the bundle's two-tower over the log's customers and items: what the bundle knows stands where it stood.

    A new item starts where its features say, one without any where those who took it look; both are as popular as
    the bundle takes a new item for. A new customer starts without an id of their own, as a stranger.

    Args:
        pair: of the bundle.
        dataset: the log.
        rows: where its customers and items stood.
        seen: int64 [M + 1], events of each customer that the bundle has learnt from.
        config: of the model.
        seed: of what is dropped in training.

    Raises:
        WarmStartError: A part of the bundle has not the shape that log and configuration ask for.
    """
    retriever, side = pair.engine.retriever, _tower_side(pair)
    tower = retriever.tower
    settings = replace(config, embedding_size=int(tower.mixes.shape[-1]), temperature=1.0 / tower.inverse_temperature)
    model = TwoTower(dataset, settings, seed=seed)
    _put_sum(model.items.features, side.features, "item tower")
    _put_sum(model.customers.features, tower.features, "customer tower")
    if model.customers.context is not None and tower.context is not None:
        _put_sum(model.customers.context, tower.context, "customer tower's context")
    put(model.customers.position_logits, np.log(tower.position_weights), "position weights")
    put(model.customers.mixes, np.asarray(tower.mixes), "mixes")
    put(model.customers.ids, carried_table(tower.customer_ids, rows.customers), "customers' embeddings")
    put(model.items.ids, _item_ids(model, dataset, retriever, side, rows), "items' embeddings")
    put(model.bias, _biases(model, dataset, retriever, side, rows), "items' popularity")
    model.unknown_shift = side.shift
    _, items = distinct_pairs(dataset, seen)
    model.fit_known(np.bincount(items, minlength=dataset.item_rows) > 0)
    return model


def _tower_side(pair: Pair) -> ItemTower:
    if pair.side.tower is None:
        raise WarmStartError("the bundle does not hold what encodes items. Train from scratch")
    return pair.side.tower


def _put_sum(layer: FeatureSumLayer, known: FeatureSum, what: str) -> None:
    put_tables(layer, known.tables, what)
    put(layer.kernel, known.kernel, f"{what}, weights of numbers")


def _item_ids(model: TwoTower, dataset: Dataset, retriever: Retriever, side: ItemTower, rows: CarriedRows) -> Float:
    """Return what of each item's vector its features do not say: known items then stand where they stood."""
    vectors = carried_table(retriever.tower.history_items, rows.items)
    usual = np.full(len(retriever.tower.history_items), USUAL_LENGTH, np.float32)
    lengths = carried_table(side.lengths if side.lengths is not None else usual, rows.items)
    features = model.items.features().numpy()
    ids = vectors * lengths[:, None] - features
    new = rows.items == 0
    ids[new] = 0
    undescribed = new & ~features.any(axis=1)
    undescribed[0] = False
    if undescribed.any():
        ids[undescribed] = _by_company(dataset, vectors)[undescribed] * float(np.median(lengths[~new]))
    return np.asarray(ids, np.float32)


def _by_company(dataset: Dataset, vectors: Float) -> Float:
    """Return the direction in which those look who took an item, by the known items that they took; zeros for none."""
    customers, items = distinct_pairs(dataset, dataset.events.lengths)
    shape = (dataset.customer_rows, dataset.item_rows)
    taken = sparse.csr_matrix((np.ones(len(items), np.float32), (customers, items)), shape=shape)
    return unit(np.asarray(taken.T @ unit(np.asarray(taken @ vectors)), np.float32))


def _biases(model: TwoTower, dataset: Dataset, retriever: Retriever, side: ItemTower, rows: CarriedRows) -> Float:
    """Return how popular each item is: as learnt, and for a new one as its features make it."""
    biases = carried_table(retriever.tower_items.vectors[:, -1], rows.items)
    new = np.flatnonzero(rows.items == 0)
    # The model's tables have grown by the values that are new.
    grown = replace(side, features=model.items.features.export())
    biases[new] = grown(dataset.item_features.take(new))[:, -1]
    return biases
