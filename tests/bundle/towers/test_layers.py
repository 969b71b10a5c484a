import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum, bag_mean, unit

TABLE = np.array([[0, 0], [1, 10], [2, 20], [3, 30]], np.float32)


def test_dense_by_hand():
    kernel, bias = np.array([[1, -1], [2, 0]], np.float32), np.array([0.5, -1], np.float32)
    inputs = np.array([[1, 1], [-1, 0]], np.float32)
    assert Dense(kernel=kernel, bias=bias, relu=False)(inputs).tolist() == [[3.5, -2], [-0.5, 0]]
    assert Dense(kernel=kernel, bias=bias, relu=True)(inputs).tolist() == [[3.5, 0], [0, 0]]


@pytest.mark.parametrize("width", [1, 3])
def test_the_mean_of_a_bag_leaves_out_its_padding(width):
    codes = np.array([[2, 0, 0], [0, 0, 0], [1, 3, 0], [1, 1, 2]], np.int32)[:, :width]
    expected = [[TABLE[code] for code in row if code] or [TABLE[0]] for row in codes.tolist()]
    assert bag_mean(TABLE, codes).tolist() == pytest.approx(np.array([np.mean(row, axis=0) for row in expected]))


@given(arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32)))
def test_unit_vectors_have_length_one(vectors):
    lengths = np.linalg.norm(unit(vectors).astype(np.float64), axis=1)
    # Below 1e-6 a vector counts as zero.
    long = np.linalg.norm(vectors, axis=1) > 1e-3
    assert lengths[long] == pytest.approx(1, abs=1e-5)
    assert np.isfinite(lengths).all()


def test_a_zero_vector_stays_zero():
    assert unit(np.zeros((2, 3), np.float32)).tolist() == [[0, 0, 0]] * 2


FEATURES = EncodedFeatures(
    np.array([[1, 0], [0.5, 2]], np.float32),
    {"town": np.array([[1], [0]], np.int32), "tags": np.array([[2, 3], [3, 0]], np.int32)},
)
TABLES = {"town": TABLE, "tags": 2 * TABLE}


def test_feature_input_stands_side_by_side():
    assert FeatureInput(tables=TABLES)(FEATURES).tolist() == [[1, 0, 1, 10, 5, 50], [0.5, 2, 0, 0, 6, 60]]


def test_feature_sum_adds_what_each_column_contributes():
    kernel = np.array([[1, 2], [3, 4]], np.float32)
    assert FeatureSum(kernel=kernel, tables=TABLES)(FEATURES).tolist() == [[7, 62], [12.5, 69]]


def test_no_features_contribute_nothing():
    nothing = EncodedFeatures(np.zeros((2, 0), np.float32), {})
    assert FeatureInput(tables={})(nothing).shape == (2, 0)
    assert FeatureSum(kernel=np.zeros((0, 3), np.float32), tables={})(nothing).tolist() == [[0, 0, 0]] * 2
