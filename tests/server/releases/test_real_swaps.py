"""A real server whose bundles are swapped on disk: what it answers, refuses and keeps in memory."""

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from small_models import customer, model_of

from shortlist.v1 import recommend_pb2, recommender_service_pb2_grpc
from shortlist_bundle.files import BundleContents, promote, read_audit, rollback, write_bundle
from shortlist_bundle.gates.thresholds import Thresholds
from shortlist_bundle.golden import ask
from shortlist_bundle.packing import pack_model
from shortlist_server.errors import BundleBroken, BundleRefused
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.loading import load_pipeline
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.releases.checking import check, check_in_child
from shortlist_server.releases.child_process import verdict_of
from shortlist_server.releases.judging import judge_both, judge_in_child

CUSTOMERS = [customer(number) for number in range(1, 7)]


def write(root, version, *, seed=0, **arrays):
    model = model_of(seed=seed)
    parts, golden = pack_model(model), ask(model)
    contents = BundleContents(
        arrays={**parts.arrays, **golden.arrays, **arrays}, documents=parts.documents, blobs=parts.blobs
    )
    return write_bundle(root, "default", contents, version=version)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    for seed, version in enumerate(("one", "two")):
        write(folder, version, seed=seed)
    golden = ask(model_of()).arrays["golden/vectors"]
    write(folder, "other-answers", **{"golden/vectors": golden + 1})
    damaged = write(folder, "damaged", seed=2).path / "items" / "vocabulary" / "bytes.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    promote(folder, "default", "one")
    return folder


@pytest.mark.slow
def test_a_child_finds_what_may_serve_and_what_may_not(root):
    assert len(check_in_child(root, "default", "one")) == 16
    with pytest.raises(BundleRefused, match="golden vectors"):
        check_in_child(root, "default", "other-answers")
    with pytest.raises(BundleBroken, match="checksum"):
        check_in_child(root, "default", "damaged")


def test_a_verdict_names_what_is_wrong_and_where(root):
    verdict = verdict_of(check, root, "default", "other-answers")
    assert (verdict.reason, [one.subject for one in verdict.unmet]) == ("BUNDLE_REFUSED", ["golden/vectors"])
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    verdict = verdict_of(check, root, "default", "damaged")
    assert (verdict.reason, verdict.unmet) == ("BUNDLE_DAMAGED", ())
    assert verdict_of(check, root, "default", "one").found


def test_gates_are_asked_between_two_bundles(root):
    gates = judge_both(root, "default", "one", "two", Thresholds())
    found = {gate.name: gate.passed for gate in gates}
    assert found["golden requests answered differently"]
    assert found["what requests may name and lose"]
    assert {"bytes of all files", "drift of the scores", "drift of the input"} <= set(found)
    nothing = judge_both(root, "default", "one", "two", Thresholds(size_ratio=0.0))
    assert [gate.name for gate in nothing if not gate.passed and gate.name == "bytes of all files"]


@pytest.mark.slow
def test_a_child_asks_the_same_gates(root):
    gates = judge_in_child(root, "default", "one", "two", Thresholds())
    assert [gate.name for gate in gates] == [
        gate.name for gate in judge_both(root, "default", "one", "two", Thresholds())
    ]
    with pytest.raises(BundleBroken):
        judge_in_child(root, "default", "one", "damaged", Thresholds())


def test_a_check_that_takes_too_long_is_ended(root):
    with pytest.raises(BundleRefused, match=r"longer than 0\.01 s"):
        check_in_child(root, "default", "one", longest=0.01)


@contextmanager
def running(root, *options):
    program = str(Path(sys.executable).with_name("shortlist"))
    command = [program, "serve", "--bundles", str(root), "--port", "0", "--clock", "log_end", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def answers_of(root, version):
    pipeline = load_pipeline(root, "default", version, ClockPolicy.LOG_END)
    found = pipeline.recommend([RecommendRequest(customer_id=one, k=5) for one in CUSTOMERS])
    return {one: list(answer.item_ids) for one, answer in zip(CUSTOMERS, found, strict=True)}


def resident(pid):
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


class Callers:
    """Asks without a pause, and compares each answer with that of the bundle it names."""

    def __init__(self, address, expected, threads=3):
        self.answered, self.wrong, self.versions = 0, [], set()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(address, expected)) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, address, expected):
        with grpc.insecure_channel(address) as channel:
            stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
            while not self._over.is_set():
                for one in CUSTOMERS:
                    try:
                        request = recommend_pb2.RecommendRequest(customer_id=one, k=5)
                        reply = stub.Recommend(request, timeout=60.0)
                    except grpc.RpcError as error:
                        self.wrong.append(error)
                        return
                    self.answered += 1
                    self.versions.add(reply.bundle.version)
                    if list(reply.item_ids) != expected[reply.bundle.version][one]:
                        self.wrong.append(reply)


def served(root):
    return [entry["version"] for entry in read_audit(root, "default").entries if entry["event"] == "serve"]


def follows(root, count, longest=120.0):
    end = time.monotonic() + longest
    while len(served(root)) < count:
        assert time.monotonic() < end, served(root)
        time.sleep(0.02)


@pytest.mark.slow
def test_a_minute_of_swaps_under_load(root):
    """No error, no mixed answer, the way back within two seconds, and memory as before."""
    expected = {version: answers_of(root, version) for version in ("one", "two")}
    assert expected["one"] != expected["two"]
    before = len(served(root))
    promote(root, "default", "one")
    with running(root) as (process, news), Callers(news["address"], expected) as callers:
        promote(root, "default", "two")
        follows(root, before + 1)
        began = time.monotonic()
        rollback(root, "default")
        follows(root, before + 2)
        back = time.monotonic() - began
        memory, swaps, end = resident(process.pid), 2, time.monotonic() + 60.0
        while time.monotonic() < end or swaps < 20:
            promote(root, "default", ("two", "one")[swaps % 2])
            swaps += 1
            follows(root, before + swaps)
        grown = resident(process.pid) - memory
    assert not callers.wrong, callers.wrong[:3]
    assert callers.versions == {"one", "two"}
    assert callers.answered > 1_000
    assert back < 2.0
    assert grown < 40.0


@pytest.mark.slow
def test_what_is_broken_is_refused_while_the_old_one_answers(root):
    expected = {"one": answers_of(root, "one")}
    promote(root, "default", "one")
    with running(root, "--workers", "2") as (_, news), Callers(news["address"], expected) as callers:
        for version in ("damaged", "other-answers"):
            refused = sum(entry["event"] == "refuse" for entry in read_audit(root, "default").entries)
            promote(root, "default", version)
            end = time.monotonic() + 120.0
            while sum(entry["event"] == "refuse" for entry in read_audit(root, "default").entries) < refused + 2:
                assert time.monotonic() < end
                time.sleep(0.05)
    assert not callers.wrong
    assert callers.versions == {"one"}
