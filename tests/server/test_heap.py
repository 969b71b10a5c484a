"""The heap: asked for where there is glibc, and nothing elsewhere."""

import ctypes
import subprocess
import sys

import pytest

from shortlist_server.heap import give_back, keep_one_heap

THREADS = """
import ctypes, sys, threading
from shortlist_server.heap import give_back, keep_one_heap

if "one" in sys.argv:
    keep_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
barrier, places = threading.Barrier(8), []

def take():
    barrier.wait()
    # Small enough for a heap. A thread that got a heap of its own gets memory far from everybody else's.
    places.append(libc.malloc(5000) >> 26)
    barrier.wait()

threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back()
print(len(set(places)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_all_threads_take_from_one_heap_where_they_took_from_several():
    heaps = {}
    for way in ("one", "several"):
        ran = subprocess.run([sys.executable, "-c", THREADS, way], capture_output=True, text=True, check=True)
        heaps[way] = int(ran.stdout)
    assert heaps["one"] <= 2 < heaps["several"]


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    keep_one_heap()
    give_back()
