import hypothesis.extra.numpy as npst
import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from shortlist.v1 import encode_pb2
from shortlist_server.wire.packed import packed_floats

FIELD = encode_pb2.EncodeCustomersResponse.VECTORS_FIELD_NUMBER


@given(npst.arrays(np.float32, npst.array_shapes(min_dims=2, max_dims=2, max_side=70)))
def test_protobuf_reads_what_was_written_straight_from_an_array(vectors):
    reply = encode_pb2.EncodeCustomersResponse.FromString(packed_floats(FIELD, vectors))
    assert np.array_equal(np.array(reply.vectors, np.float32), vectors.ravel(), equal_nan=True)


@given(st.integers(0, 3_000))
def test_the_bytes_are_those_that_protobuf_writes(length):
    vectors = np.linspace(-1.0, 1.0, length, dtype=np.float32)
    expected = encode_pb2.EncodeCustomersResponse(vectors=vectors.tolist()).SerializeToString()
    assert packed_floats(FIELD, vectors) == expected


def test_any_order_in_memory_is_written_row_by_row():
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert packed_floats(FIELD, np.asfortranarray(vectors)) == packed_floats(FIELD, vectors)
