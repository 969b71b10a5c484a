"""Every Keras model against the NumPy twin that it exports."""

import numpy as np
import pytest
import tensorflow as tf
from small_logs import dataset_of

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.scorer import Output
from shortlist_bundle.state.batch import CustomerBatch
from shortlist_training.config.models import ScorerConfig, TwoTowerConfig
from shortlist_training.models.embedding import EmbeddingModel
from shortlist_training.models.feature_layers import FeatureInputLayer, FeatureSumLayer
from shortlist_training.models.pair_mlp import PairMlp
from shortlist_training.models.rating_mlp import RatingMlp
from shortlist_training.models.scorer import Scorer
from shortlist_training.models.two_tower import TwoTower

CLOSE = {"rtol": 1e-5, "atol": 1e-5}
RANDOM = np.random.default_rng(0)


def floats(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def scramble(model):
    """Give every weight a value, so that nothing hides behind initial zeros."""
    for weight in model.trainable_variables:
        weight.assign(0.5 * floats(*weight.shape))


def some_dataset(features):
    random = np.random.default_rng(1)
    events = [(f"c{random.integers(9)}", f"i{random.integers(15):02}", float(n)) for n in range(80)]
    customers = {"customer_id": [f"c{n}" for n in range(9)], "age": [20.0 + n if n % 3 else None for n in range(9)]}
    customers |= {"town": ["x", "y", None] * 3, "member": [True, False, None] * 3}
    items = {"item_id": [f"i{n:02}" for n in range(17)], "price": [float(n) for n in range(17)]}
    items |= {"kind": ["k", "l", "m", None] * 4 + ["k"], "tags": [["s", "t", "u"][: n % 4] for n in range(17)]}
    if "none" in features:
        return dataset_of(events)
    if "numbers" in features:
        return dataset_of(events, customers={key: customers[key] for key in ("customer_id", "age", "member")})
    return dataset_of(events, customers=customers, items=items)


DATASETS = {name: some_dataset(name) for name in ("none", "numbers only", "all kinds of features")}
dataset = pytest.fixture(params=list(DATASETS))(lambda request: DATASETS[request.param])


def some_batch(dataset, *, strangers=True):
    rows = np.arange(0 if strangers else 1, dataset.customer_rows, dtype=np.int32)
    return CustomerBatch(
        rows=rows,
        features=dataset.customer_features.take(rows),
        history=dataset.events.take(rows),
        now=np.full(len(rows), 100.0),
    )


WIDE = EncodedFeatures(
    floats(6, 4),
    {
        "one": np.array([[0], [1], [2], [3], [1], [0]], np.int32),
        "two": np.array([[0, 0], [1, 0], [2, 1], [4, 3], [1, 1], [0, 0]], np.int32),
        "five": np.array([[5, 4, 3, 2, 1], [0] * 5, [1, 0, 0, 0, 0], [2, 3, 0, 0, 0], [1] * 5, [5] * 5], np.int32),
    },
)
SIZES = {"one": 4, "two": 5, "five": 6}
NOTHING = EncodedFeatures(np.zeros((6, 0), np.float32), {})


@pytest.mark.parametrize("layer_type", [FeatureInputLayer, FeatureSumLayer])
@pytest.mark.parametrize(
    ("features", "sizes"),
    [
        (WIDE, SIZES),
        (NOTHING, {}),
        (EncodedFeatures(WIDE.numbers, {}), {}),
        (EncodedFeatures(NOTHING.numbers, WIDE.bags), SIZES),
    ],
    ids=["bags of several widths", "no features at all", "numbers only", "bags only"],
)
def test_feature_layers(layer_type, features, sizes):
    layer = layer_type(features, sizes, width=3, seed=0, whole=True)
    scramble(layer)
    rows = np.array([5, 0, 3, 3, 2, 1, 4], np.int32)
    np.testing.assert_allclose(layer.export()(features.take(rows)), layer(tf.constant(rows)).numpy(), **CLOSE)
    if layer_type is FeatureSumLayer:
        np.testing.assert_allclose(layer(None).numpy(), layer(tf.range(6)).numpy(), **CLOSE)


def test_padding_never_learns():
    layer = FeatureSumLayer(WIDE, SIZES, width=3, seed=0, whole=True)
    for rows in (tf.range(6), None):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer(rows) ** 2)
        for gradient in tape.gradient(total, list(layer.tables.values())):
            assert not np.abs(tf.convert_to_tensor(gradient).numpy()[0]).any()


@pytest.mark.parametrize("strangers", [True, False])
def test_the_customer_tower(dataset, strangers):
    config = TwoTowerConfig(embedding_size=6, history_length=5, history_heads=3)
    model = TwoTower(dataset, config, seed=0)
    model.fit_known(np.arange(dataset.item_rows) < 12)
    scramble(model)
    batch = some_batch(dataset, strangers=strangers)
    history = batch.history.padded(config.history_length)
    of_history = tf.reshape(model.items(tf.constant(history.ravel())), [*history.shape, 6])
    encoded = model.customers(tf.constant(batch.rows), tf.constant(history), of_history).numpy()
    vectors = model.export_customers()(batch.rows, batch.features, batch.history)
    np.testing.assert_allclose(vectors[:, :-1], encoded / model.temperature, rtol=1e-4, atol=1e-4)
    assert (vectors[:, -1] == 1).all()


def test_the_customer_tower_with_the_context_of_a_request():
    columns = ("customer_id", "item_id", "timestamp", "device", "basket")
    rows = [(f"c{n % 5}", f"i{n % 7}", float(n), ["web", "app", None][n % 3], float(n % 4)) for n in range(30)]
    dataset = dataset_of(rows, columns=columns, context=("basket", "device"))
    model = TwoTower(dataset, TwoTowerConfig(embedding_size=6, history_length=5), seed=0)
    model.fit_known(np.ones(dataset.item_rows, np.bool_))
    scramble(model)
    batch = some_batch(dataset, strangers=False)
    events = dataset.events.offsets[batch.rows]
    history = batch.history.padded(5)
    of_history = tf.gather(model.items(), history)
    tower = model.export_customers()
    for context, positions in ((dataset.context_features.take(events), tf.constant(events)), (None, None)):
        encoded = model.customers(tf.constant(batch.rows), tf.constant(history), of_history, positions).numpy()
        vectors = tower(batch.rows, batch.features, batch.history, context)
        np.testing.assert_allclose(vectors[:, :-1], encoded / model.temperature, rtol=1e-4, atol=1e-4)
    other = tower(batch.rows, batch.features, batch.history, dataset.context_features.take(events + 1))
    assert not np.allclose(other, vectors, atol=0.1)


def test_inner_products_of_the_exported_vectors_are_the_logits_of_training(dataset):
    config = TwoTowerConfig(embedding_size=6, history_length=5)
    model = TwoTower(dataset, config, seed=0)
    model.fit_known(np.ones(dataset.item_rows, np.bool_))
    scramble(model)
    batch = some_batch(dataset)
    history = batch.history.padded(5)
    items = model.items()
    encoded = model.customers(tf.constant(batch.rows), tf.constant(history), tf.gather(items, history))
    logits = (encoded @ tf.transpose(items) / model.temperature + model.bias).numpy()
    vectors = model.export_customers()(batch.rows, batch.features, batch.history)
    inner = vectors @ model.item_vectors().T
    np.testing.assert_allclose(inner[:, 1:], logits[:, 1:], rtol=1e-4, atol=1e-4)
    assert not inner[:, 0].any()


def test_item_vectors_are_the_item_tower_with_its_bias():
    dataset = DATASETS["all kinds of features"]
    model = TwoTower(dataset, TwoTowerConfig(embedding_size=6), seed=0)
    known = np.arange(dataset.item_rows) % 3 > 0
    model.fit_known(known)
    scramble(model)
    vectors, bias = model.item_vectors(), model.bias.numpy()
    one_by_one = np.concatenate([model.items(tf.constant([row])).numpy() for row in range(1, dataset.item_rows)])
    np.testing.assert_allclose(vectors[1:, :-1], one_by_one, **CLOSE)
    assert not vectors[0].any()
    assert vectors[known, -1].tolist() == bias[known].tolist()
    # An item that nobody has taken stands where the least popular of the others stands.
    unknown = ~known
    unknown[0] = False
    assert (vectors[unknown, -1] == bias[known].min()).all()


def test_an_item_outside_the_log_is_encoded_from_features_alone():
    dataset = DATASETS["all kinds of features"]
    model = TwoTower(dataset, TwoTowerConfig(embedding_size=6), seed=0)
    model.fit_known(np.zeros(dataset.item_rows, np.bool_))
    scramble(model)
    before = model.items().numpy()
    model.items.ids.assign(floats(*model.items.ids.shape))
    np.testing.assert_array_equal(model.items().numpy(), before)
    assert np.isfinite(model.item_vectors()).all()


MLPS = [
    {"tower": (), "hidden": (8,), "signal_width": 0},
    {"tower": (), "hidden": (8, 4), "signal_width": 3},
    {"tower": (5,), "hidden": (8, 4), "signal_width": 0},
    {"tower": (6, 5), "hidden": (8, 4, 3), "signal_width": 2},
    {"tower": (), "hidden": (8,), "signal_width": 2, "members": 2},
    {"tower": (5,), "hidden": (8, 4, 3), "signal_width": 2, "members": 3},
]


@pytest.mark.parametrize("shape", MLPS, ids=str)
def test_the_pair_mlp(shape):
    # Without a tower there may be nothing to read of the customer.
    customer_width = 4 if shape["tower"] or shape["signal_width"] else 0
    mlp = PairMlp(customer_width=customer_width, item_width=3, dropout=0.5, seed=0, **shape)
    customers, catalogue, signals = floats(5, customer_width), floats(7, 3), floats(5, 6, shape["signal_width"])
    items = RANDOM.integers(0, 7, (5, 6)).astype(np.int32)
    given = signals if shape["signal_width"] else None
    mlp(customers[:, None], catalogue[items], given)
    scramble(mlp)
    exported = mlp.export(catalogue, Output(sigmoid=False))(customers, items, given)
    np.testing.assert_allclose(exported, mlp(customers[:, None], catalogue[items], given).numpy(), **CLOSE)


def test_the_split_kernel_starts_like_a_layer_over_everything():
    mlp = PairMlp(customer_width=40, item_width=50, signal_width=10, tower=(), hidden=(60,), dropout=0.0, seed=0)
    kernel = np.concatenate([mlp.customer_kernel.numpy(), mlp.item_kernel.numpy(), mlp.signal_kernel.numpy()])
    bound = np.sqrt(6 / 160)
    assert np.abs(kernel).max() <= bound
    assert kernel.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)


def test_members_are_mlps_of_their_own():
    """Two members give the mean of what each gives alone."""
    settings = {"customer_width": 3, "item_width": 4, "signal_width": 2, "tower": (), "hidden": (6, 5, 4)}
    both = PairMlp(**settings, dropout=0.0, seed=0, members=2)
    inputs = floats(5, 1, 3), floats(5, 6, 4), floats(5, 6, 2)
    both(*inputs)
    scramble(both)
    found = []
    for member in range(2):
        alone = PairMlp(**settings, dropout=0.0, seed=0)
        alone(*inputs)
        for name in ("customer_kernel", "item_kernel", "signal_kernel", "bias"):
            getattr(alone, name).assign(getattr(both, name)[..., 6 * member : 6 * (member + 1)])
        for one, layer in zip((*both.rest, both.last), (*alone.rest, alone.last), strict=True):
            layer.kernel.assign(one.kernel[member : member + 1])
            layer.bias.assign(tf.reshape(one.bias, [2, -1])[member])
        found.append(alone(*inputs).numpy())
    assert np.abs(found[0] - found[1]).max() > 0.1
    np.testing.assert_allclose(both.each(*inputs).numpy(), np.stack(found, axis=-1), **CLOSE)
    np.testing.assert_allclose(both(*inputs).numpy(), np.mean(found, axis=0), **CLOSE)


def test_members_start_apart():
    mlp = PairMlp(
        customer_width=3, item_width=4, signal_width=2, tower=(), hidden=(6, 5), dropout=0.0, seed=0, members=2
    )
    first, second = np.split(mlp.signal_kernel.numpy(), 2, axis=1)
    assert np.abs(first - second).max() > 0.1
    assert np.abs(np.diff(mlp.rest[0].kernel.numpy(), axis=0)).max() > 0.1


@pytest.mark.parametrize("encoding_width", [0, 4])
def test_the_scorer(dataset, encoding_width):
    signals, mean, scale = 10 * floats(9, 6, 5), floats(5), np.abs(floats(5))
    scorer = Scorer(
        dataset, ScorerConfig(), signal_mean=mean, signal_scale=scale, encoding_width=encoding_width, seed=0
    )
    batch = some_batch(dataset, strangers=False)
    vectors, item_vectors = floats(9, 5), floats(dataset.item_rows, 5)
    items = RANDOM.integers(0, dataset.item_rows, (9, 6)).astype(np.int32)
    of_items = item_vectors[items][..., :encoding_width]
    inputs = (batch.rows, vectors[:, :encoding_width], items, of_items, scorer.standardise(signals))
    scorer(*inputs)
    scramble(scorer)
    exported = scorer.export(item_vectors)(batch, vectors, items, signals)
    np.testing.assert_allclose(exported, scorer(*inputs).numpy(), rtol=1e-4, atol=1e-4)
    assert np.abs(scorer.standardise(signals)).max() <= 8


def test_the_embedding_model_as_inner_products():
    model = EmbeddingModel(customer_rows=5, item_rows=7, embedding_size=3, mean=0.0, spread=0.3, seed=0)
    scramble(model)
    customers, items = np.repeat(np.arange(1, 5), 6).astype(np.int32), np.tile(np.arange(1, 7), 4).astype(np.int32)
    inner = model.customer_vectors() @ model.item_vectors().T
    expected = model(customers, items).numpy() - model.customer_bias.numpy()[customers]
    np.testing.assert_allclose(inner[customers, items], expected, **CLOSE)
    assert not inner[0].any()
    assert not inner[:, 0].any()


def test_the_embedding_model_as_ratings():
    dataset = DATASETS["none"]
    model = EmbeddingModel(
        customer_rows=dataset.customer_rows, item_rows=dataset.item_rows, embedding_size=3, mean=3.0, spread=0.3, seed=0
    )
    scramble(model)
    batch, items = some_batch(dataset), np.tile(np.arange(dataset.item_rows, dtype=np.int32), (10, 1))
    exported = model.export_ratings(-100.0, 100.0).predict(batch, items)
    expected = model(np.repeat(batch.rows, items.shape[1]), items.ravel()).numpy().reshape(items.shape)
    np.testing.assert_allclose(exported[1:, 1:], expected[1:, 1:], **CLOSE)
    # Somebody unknown is average, and so is an unknown item.
    np.testing.assert_allclose(
        exported[0], 3 + np.where(np.arange(len(items[0])) > 0, model.item_bias.numpy(), 0), **CLOSE
    )
    np.testing.assert_allclose(exported[1:, 0], 3 + model.customer_bias.numpy()[1:], **CLOSE)
    clipped = model.export_ratings(2.9, 3.1).predict(batch, items)
    assert clipped.min() == pytest.approx(2.9)
    assert clipped.max() == pytest.approx(3.1)


@pytest.mark.parametrize("tower", [(), (6,)])
@pytest.mark.parametrize("sigmoid", [True, False])
def test_the_rating_mlp(dataset, tower, sigmoid):
    model = RatingMlp(
        dataset, tower=tower, hidden=(8, 4), low=0.0, high=10.0, sigmoid=sigmoid, mean=4.0, embedding_size=3, seed=0
    )
    batch, items = (
        some_batch(dataset, strangers=False),
        np.tile(np.arange(1, dataset.item_rows, dtype=np.int32), (9, 1)),
    )
    pairs = np.repeat(batch.rows, items.shape[1]), items.ravel()
    model(*pairs)
    scramble(model)
    exported = model.export_ratings().predict(batch, items)
    expected = np.clip(model(*pairs).numpy().reshape(items.shape), 0, 10)
    np.testing.assert_allclose(exported, expected, rtol=1e-4, atol=1e-4)


def test_the_penalty_is_the_mean_squared_length_of_what_is_used():
    model = EmbeddingModel(customer_rows=3, item_rows=3, embedding_size=2, mean=0.0, spread=0.1, seed=0)
    model.customers.assign([[9, 9], [1, 2], [0, 0]])
    model.items.assign([[9, 9], [0, 3], [1, 0]])
    model.customer_bias.assign([9, 2, 0])
    model.item_bias.assign([9, 0, 1])
    # 1 + 4 + 9 + 4 for the first pair, 1 + 1 for the second.
    assert float(model.penalty(np.array([1, 2]), np.array([1, 2]))) == pytest.approx((18 + 2) / 2)
