"""Files of arrays are read by several threads at once, whatever the garbage collector does meanwhile."""

import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from shortlist_bundle.files.arrays import decode_array, encode_array


def give_way(*_):
    time.sleep(0)


@pytest.fixture
def restless():
    """Let threads change places wherever the garbage collector may call back, as it does under some libraries."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(20)
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.callbacks.remove(give_way)


def test_headers_are_read_by_several_threads(restless):
    array = np.arange(6.0).reshape(2, 3)
    data = b"".join(map(bytes, encode_array(array, "x")))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: decode_array(data, "x"), range(4000)))
    assert all(np.array_equal(one, array) for one in found)
