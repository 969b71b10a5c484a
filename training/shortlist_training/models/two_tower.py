"""The two-tower model for retrieval: a customer tower and an item tower that meet in an inner product.

Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus item recommendations",
https://doi.org/10.1145/3298689.3346996
"""

import keras
import numpy as np
import tensorflow as tf

from shortlist_bundle.item_side.tower import ItemTower
from shortlist_bundle.towers.customer_tower import CustomerTower
from shortlist_bundle.towers.layers import Float
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.models.feature_layers import FeatureSumLayer
from shortlist_training.models.gathering import gathered
from shortlist_training.models.losses import NEVER
from shortlist_training.models.unknown_items import fit_bias, unknown_items, with_unknown_items

USUAL_TEMPERATURE, USUAL_SIZE = 0.2, 64
"""Of a model for which nobody has chosen."""


class ItemTowerLayer(keras.layers.Layer):
    """Item rows -> unit vectors [B, D], from an id (dropped at random in training) and features."""

    def __init__(self, dataset: Dataset, config: TwoTowerConfig, *, width: int, seed: int) -> None:
        super().__init__()
        self.ids = self.add_weight(
            shape=(dataset.item_rows, width),
            initializer=keras.initializers.RandomNormal(stddev=1 / np.sqrt(width), seed=seed),
            name="ids",
        )
        self.known = self.add_weight(shape=(dataset.item_rows,), initializer="zeros", trainable=False, name="known")
        self.features = FeatureSumLayer(
            dataset.item_features, dict(dataset.item_encoder.bag_sizes), width=width, seed=seed + 100, whole=True
        )
        # Without features an item whose id is hidden would be nothing at all.
        self.drop = config.item_id_dropout if dataset.item_encoder.spec.columns else 0.0
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, rows: tf.Tensor | None = None, training: bool = False) -> tf.Tensor:
        """Return float32 [B, D] for rows int32 [B], or for every item; one outside the log has no id, only features."""
        ids, known = (self.ids, self.known) if rows is None else (gathered(self.ids, rows), gathered(self.known, rows))
        keep = known[:, None]
        if training and self.drop:
            keep *= tf.cast(keras.random.uniform(tf.shape(keep), seed=self.seeds) >= self.drop, tf.float32)
        return tf.math.l2_normalize(ids * keep + self.features(rows), axis=-1)

    def lengths(self) -> Float:
        """Return how long each item's sum of id and features is before it is brought to length 1, float32 [N + 1]."""
        known = self.known.numpy()[:, None]
        return np.linalg.norm(self.ids.numpy() * known + self.features().numpy(), axis=1).astype(np.float32)


class CustomerTowerLayer(keras.layers.Layer):
    """Customers -> unit vectors [B, D], from pooled history, features, and an id (dropped at random in training).

    The history enters by the item tower's own vectors. Each pooling head weighs positions its own way, one leaning
    towards the newest items, another towards the whole past, and mixes what it has pooled with a square matrix that
    starts as the identity: an untrained tower already looks for items like those in the history.
    """

    def __init__(self, dataset: Dataset, config: TwoTowerConfig, *, width: int, seed: int) -> None:
        super().__init__()
        length, heads = config.history_length, config.history_heads
        slopes = -np.log1p(np.arange(length))[None, :] / (1.0 + np.arange(heads))[:, None]
        if not dataset.has_times:
            slopes = np.zeros_like(slopes)
        self.position_logits = self.add_weight(
            shape=(heads, length),
            initializer=lambda *_, **__: tf.constant(slopes, tf.float32),
            name="positions",
            trainable=dataset.has_times,
        )
        self.mixes = self.add_weight(
            shape=(heads, width, width),
            initializer=lambda *_, **__: tf.constant(np.stack([np.eye(width)] * heads), tf.float32),
            name="mixes",
        )
        self.ids = self.add_weight(shape=(dataset.customer_rows, width), initializer="zeros", name="ids")
        self.features = FeatureSumLayer(
            dataset.customer_features, dict(dataset.customer_encoder.bag_sizes), width=width, seed=seed + 200
        )
        self.context: FeatureSumLayer | None = None
        if dataset.context_encoder and dataset.context_features:
            self.context = FeatureSumLayer(
                dataset.context_features, dict(dataset.context_encoder.bag_sizes), width=width, seed=seed + 400
            )
        self.context_drop = config.context_dropout
        self.id_drop, self.history_drop = config.customer_id_dropout, config.history_dropout
        self.seeds = keras.random.SeedGenerator(seed + 1)

    def call(
        self,
        rows: tf.Tensor,
        history: tf.Tensor,
        vectors: tf.Tensor,
        events: tf.Tensor | None = None,
        training: bool = False,
    ) -> tf.Tensor:
        """Encode customers.

        Args:
            rows: int32 [B], customer rows.
            history: int32 [B, L'], newest first, 0 is padding; L' is at most the length that the tower reads.
            vectors: float32 [B, L, D], the item tower's vectors of the history.
            events: int [B], positions in the log of the events whose context holds; None for no context.
            training: whether to drop ids, history items and contexts.
        """
        present = tf.cast(history > 0, tf.float32)
        known = tf.cast(rows > 0, tf.float32)[:, None]
        if training:
            known *= self._kept(known, self.id_drop)
            present *= self._kept(present, self.history_drop)
        total = self.features(rows) + gathered(self.ids, rows) * known
        if self.context is not None and events is not None:
            context = self.context(events)
            total += context * self._kept(context[:, :1], self.context_drop) if training else context
        shares = present[:, None, :] * tf.exp(self.position_logits[:, : tf.shape(history)[1]])
        shares /= tf.maximum(tf.reduce_sum(shares, axis=2, keepdims=True), 1e-6)
        total += tf.einsum("bhd,hde->be", shares @ vectors, self.mixes)
        return tf.math.l2_normalize(total, axis=-1)

    def _kept(self, like: tf.Tensor, drop: float) -> tf.Tensor:
        return tf.cast(keras.random.uniform(tf.shape(like), seed=self.seeds) >= drop, tf.float32)


class TwoTower(keras.Model):
    """Both towers, an item bias for what is simply popular, and a temperature."""

    def __init__(self, dataset: Dataset, config: TwoTowerConfig, *, seed: int) -> None:
        super().__init__()
        width = config.embedding_size or USUAL_SIZE
        self.items = ItemTowerLayer(dataset, config, width=width, seed=seed)
        self.customers = CustomerTowerLayer(dataset, config, width=width, seed=seed + 10)
        self.bias = self.add_weight(shape=(dataset.item_rows,), initializer="zeros", name="bias")
        self.temperature = config.temperature or USUAL_TEMPERATURE
        self.item_rows = dataset.item_rows
        self.unknown_shift: float | None = None

    def fit_known(self, items: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        """Say which items the training log has, bool [N + 1]; the others are encoded from features alone."""
        known = items.astype(np.float32)
        known[0] = 0
        self.items.known.assign(known)

    def item_vectors(self) -> Float:
        """Return every item's vector with its bias last, float32 [N + 1, D + 1]; row 0 is zero."""
        known, features = self.items.known.numpy() > 0, self.items.features().numpy()
        bias = with_unknown_items(self.bias.numpy(), features, known, shift=self.unknown_shift)
        joined = np.concatenate([self.items().numpy(), bias[:, None]], axis=1)
        joined[0] = 0
        return joined

    def unknown_items(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which items are described, but outside the training log, bool [N + 1]."""
        return unknown_items(self.items.features().numpy(), self.items.known.numpy() > 0)

    def passed_over(self) -> tf.Tensor:
        """Return what to add to each item's logit in the softmax over the catalogue, float32 [N + 1].

        Nobody, and an item that nobody has taken, are no alternatives that somebody passed over: were they, features
        of such items would learn to repel, and a new item be held back for being new.
        """
        return tf.where(self.items.known > 0, 0.0, NEVER)

    def export_items(self) -> ItemTower:
        """Return what encodes an item by its features alone: the item tower's NumPy twin for items nobody has taken."""
        known, features, bias = self.items.known.numpy() > 0, self.items.features().numpy(), self.bias.numpy()
        return ItemTower(
            features=self.items.features.export(),
            bias=fit_bias(bias, features, known) if known.any() else None,
            shift=self.unknown_shift or 0.0,
            least=float(bias[known].min()) if known.any() else 0.0,
            lengths=self.items.lengths(),
        )

    def export_customers(self) -> CustomerTower:
        """Return the customer tower's NumPy twin."""
        history_items = self.items().numpy()
        history_items[0] = 0
        ids = self.customers.ids.numpy().copy()
        ids[0] = 0
        return CustomerTower(
            history_items=history_items,
            position_weights=np.exp(self.customers.position_logits.numpy()),
            mixes=self.customers.mixes.numpy(),
            customer_ids=ids,
            features=self.customers.features.export(),
            context=self.customers.context.export() if self.customers.context is not None else None,
            inverse_temperature=1.0 / self.temperature,
        )
