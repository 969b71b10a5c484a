"""The administrators' address over a real socket: what it obeys, what it refuses and how, and that no other does."""

import threading
from contextlib import contextmanager
from dataclasses import replace

import grpc
import pytest
from calls import SETTINGS, refusal, until
from click.testing import CliRunner
from fakes import FakePipeline
from google.rpc.error_details_pb2 import PreconditionFailure
from releases.fake_shelves import FakeShelf, bundle
from small_models import pipeline_of
from valid_requests import recommend

from shortlist.v1 import model_service_pb2 as pb
from shortlist.v1 import model_service_pb2_grpc, recommender_service_pb2_grpc
from shortlist_bundle.errors import BundleDamaged, BundleIncompatible, ChangesDamaged, NonFinite, StorageFull
from shortlist_client import Admin, Client, Conflict, NotFound, ServerError
from shortlist_client.commands.model import model
from shortlist_server.errors import BundleBroken, BundleRefused
from shortlist_server.serving import Server


@contextmanager
def administered(shelf, settings=None, pipeline=None):
    server = Server(settings or replace(SETTINGS, admin="127.0.0.1:0"))
    port = server.start()
    server.put(pipeline or bundle("one"))
    try:
        yield f"127.0.0.1:{port}", server.follow(shelf)
    finally:
        server.drain()


@pytest.fixture
def shelf():
    return FakeShelf()


@pytest.fixture
def addresses(shelf):
    with administered(shelf) as found:
        yield found


@pytest.fixture
def models(addresses):
    with grpc.insecure_channel(addresses[1]) as channel:
        yield model_service_pb2_grpc.ModelServiceStub(channel)


@pytest.fixture
def admin(addresses):
    with Admin(addresses[1], timeout=60.0) as found:
        yield found


def test_an_administrator_loads_promotes_and_rolls_back(admin, shelf):
    assert admin.load("two").version == "two"
    (model,) = (one for one in admin.list() if one.model == "default")
    assert set(model.loaded_versions) == {"one", "two"}
    assert model.versions == ("three", "two", "one")
    moved = admin.promote("two", expected_current="one")
    assert (moved.bundle.version, moved.bundle.id, moved.previous_version) == ("two", "id-of-two", "one")
    assert admin.describe().bundle.version == "two"
    assert admin.rollback().bundle.version == "one"
    assert admin.describe().bundle.version == "one"
    assert [event for event in shelf.events if event in ("load", "promote", "rollback")] == [
        "load", "promote", "load", "rollback",
    ]  # fmt: skip


def test_models_come_page_by_page(models):
    first = models.ListModels(pb.ListModelsRequest(page_size=1))
    assert [model.model for model in first.models] == ["default"]
    second = models.ListModels(pb.ListModelsRequest(page_size=1, page_token=first.next_page_token))
    assert [model.model for model in second.models] == ["films"]
    assert not second.next_page_token
    assert [model.model for model in models.ListModels(pb.ListModelsRequest(model="films")).models] == ["films"]


TABLE = {
    "golden requests fail": (
        BundleRefused.by_golden(["golden vectors: differs by 1"]),
        "FAILED_PRECONDITION",
        "BUNDLE_REFUSED",
        {"golden/vectors": "GOLDEN_MISMATCH"},
    ),
    "numbers that are none": (
        NonFinite("items/vectors.npy: holds NaN"),
        "FAILED_PRECONDITION",
        "BUNDLE_REFUSED",
        {"items/vectors.npy": "NOT_FINITE"},
    ),
    "of another release": (
        BundleIncompatible("manifest.json: format is 2", subject="manifest.json#format"),
        "FAILED_PRECONDITION",
        "BUNDLE_REFUSED",
        {"manifest.json#format": "BUNDLE_INCOMPATIBLE"},
    ),
    "bytes are not those of the manifest": (BundleDamaged("x.npy: checksum"), "DATA_LOSS", "BUNDLE_DAMAGED", {}),
    "a log that is damaged": (ChangesDamaged("malformed /secret"), "DATA_LOSS", "LOG_DAMAGED", {}),
    "no room on the disk": (StorageFull("no room"), "RESOURCE_EXHAUSTED", "STORAGE_FULL", {}),
}


@pytest.mark.parametrize("case", TABLE)
@pytest.mark.parametrize("method", ["LoadModel", "PromoteModel"])
def test_a_bundle_that_may_not_serve_is_refused(models, shelf, case, method):
    error, code, reason, unmet = TABLE[case]
    shelf.broken["two"] = error
    request = getattr(pb, f"{method}Request")(version="two")
    refused = refusal(getattr(models, method), request)
    assert (refused.code.name, refused.reason) == (code, reason)
    failure = refused.details.get("PreconditionFailure", PreconditionFailure())
    assert {one.subject: one.type for one in failure.violations} == unmet
    assert "secret" not in refused.text
    assert models.DescribeModel(pb.DescribeModelRequest()).bundle.version == "one"
    assert shelf.aliases == {"stable": "one"}


@pytest.mark.parametrize(
    ("method", "request_", "code", "reason"),
    [
        ("PromoteModel", pb.PromoteModelRequest(version="two", expected_current="three"), "ABORTED", "ALIAS_MOVED"),
        ("RollbackModel", pb.RollbackModelRequest(expected_current="three"), "ABORTED", "ALIAS_MOVED"),
        ("RollbackModel", pb.RollbackModelRequest(), "NOT_FOUND", "UNKNOWN_VERSION"),
        ("LoadModel", pb.LoadModelRequest(version="nine"), "NOT_FOUND", "UNKNOWN_VERSION"),
        ("LoadModel", pb.LoadModelRequest(), "INVALID_ARGUMENT", "INVALID_REQUEST"),
        ("PromoteModel", pb.PromoteModelRequest(), "INVALID_ARGUMENT", "INVALID_REQUEST"),
        ("LoadModel", pb.LoadModelRequest(model="films", version="x"), "NOT_FOUND", "UNKNOWN_MODEL"),
        ("ListModels", pb.ListModelsRequest(model="songs"), "NOT_FOUND", "UNKNOWN_MODEL"),
        ("ListModels", pb.ListModelsRequest(page_size=1_001), "INVALID_ARGUMENT", "INVALID_REQUEST"),
    ],
)
def test_what_cannot_be_done_is_told(models, method, request_, code, reason):
    refused = refusal(getattr(models, method), request_)
    assert (refused.code.name, refused.reason) == (code, reason)


def test_the_client_has_an_error_for_each(admin, shelf):
    shelf.broken["two"] = BundleBroken("x.npy: the checksum does not match")
    with pytest.raises(ServerError) as caught:
        admin.load("two")
    assert caught.value.status == "DATA_LOSS"
    shelf.broken["two"] = NonFinite("items/vectors.npy: holds NaN or infinity")
    with pytest.raises(Conflict) as refused:
        admin.load("two")
    assert refused.value.unmet == {"items/vectors.npy": "items/vectors.npy: holds NaN or infinity"}
    with pytest.raises(Conflict):
        admin.promote("three", expected_current="nine")
    with pytest.raises(NotFound):
        admin.load("nine")


def test_the_callers_address_changes_nothing(addresses):
    with grpc.insecure_channel(addresses[0]) as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        for method, request in (
            (stub.LoadModel, pb.LoadModelRequest(version="two")),
            (stub.PromoteModel, pb.PromoteModelRequest(version="two")),
            (stub.RollbackModel, pb.RollbackModelRequest()),
        ):
            refused = refusal(method, request)
            assert (refused.code, refused.reason) == (grpc.StatusCode.UNIMPLEMENTED, "FEATURE_OFF")
        assert stub.DescribeModel(pb.DescribeModelRequest()).bundle.version == "one"


def test_without_an_address_nobody_administers():
    server = Server(SETTINGS)
    server.put(FakePipeline())
    assert server.follow(FakeShelf()) == ""
    server.drain()


def test_a_load_that_takes_long_holds_up_no_request(addresses, shelf, monkeypatch):

    begun, end = threading.Event(), threading.Event()

    def check(version):
        begun.set()
        end.wait(60.0)
        return f"id-of-{version}"

    monkeypatch.setattr(shelf, "check", check)
    with grpc.insecure_channel(addresses[0]) as channel, grpc.insecure_channel(addresses[1]) as local:
        loading = model_service_pb2_grpc.ModelServiceStub(local).LoadModel.future(pb.LoadModelRequest(version="two"))
        assert begun.wait(60.0)
        stub = recommender_service_pb2_grpc.RecommenderServiceStub(channel)
        assert stub.Recommend(recommend(), timeout=60.0).bundle.version == "one"
        end.set()
        assert loading.result(60.0).bundle.version == "two"


def test_a_worse_bundle_is_held_back_by_its_gates(models, admin, shelf):
    shelf.worse = ("two",)
    refused = refusal(models.PromoteModel, pb.PromoteModelRequest(version="two"))
    assert (refused.code.name, refused.reason) == ("FAILED_PRECONDITION", "GATES_CLOSED")
    violations = refused.details["PreconditionFailure"].violations
    assert {(one.type, one.subject) for one in violations} == {
        ("GATE", "ndcg@20 (all)"),
        ("GATE", "bytes of all files"),
    }
    with pytest.raises(Conflict) as caught:
        admin.promote("two")
    assert caught.value.reason == "GATES_CLOSED"
    assert "live 0.4, candidate 0.3, limit 0.38" in caught.value.unmet["ndcg@20 (all)"]
    assert admin.describe().bundle.version == "one"
    forced = admin.promote("two", force=True)
    assert (forced.bundle.version, forced.gates) == ("two", ())


def test_a_promotion_tells_what_its_gates_found(admin):
    first, second = admin.promote("two").gates
    assert (first.name, first.live, first.candidate) == ("ndcg@20 (all)", 0.4, 0.3)
    assert (first.limit, first.passed) == (0.38, True)
    assert (second.live, second.candidate, second.note) == (None, 5.0, "all")
    assert admin.rollback().gates == ()


def test_sentinels_are_described_where_they_are_on():
    shelf = FakeShelf(aliases={"stable": "v1"}, versions=("v1",))
    settings = replace(SETTINGS, admin="127.0.0.1:0", sentinels=1.0)
    with administered(shelf, settings, pipeline_of()) as (address, local):
        with Client(address, timeout=60.0) as client:
            for _ in range(3):
                assert client.recommend("stranger", k=3).search_depth == 1.0
            until(lambda: client.describe_model().sentinels.lists == 3)
        found = CliRunner().invoke(model, ["describe", "--server", local])
    assert found.exit_code == 0, found.output
    assert "sentinels: 3 lists looked at, 1 of all" in found.output
    assert "3 lists with cold_start:nothing_known" in found.output
    with administered(shelf, replace(settings, sentinels=0.0)) as (_, local), Admin(local, timeout=60.0) as admin:
        assert admin.describe().sentinels is None
