from calls import unpack

from shortlist_server.errors import (
    BundleRefused,
    FeatureOff,
    InvalidRequest,
    ServerError,
    UnknownCustomer,
    Unmet,
    Violation,
)
from shortlist_server.wire.status import DOMAIN, write_status

MOST_BYTES = 6 * 1024
"""In base64 that is the 8 KiB beyond which clients refuse a trailer."""


def test_every_status_names_its_reason():
    info = unpack(write_status(FeatureOff("diversity", "is off")))["ErrorInfo"]
    assert (info.reason, info.domain, dict(info.metadata)) == ("FEATURE_OFF", DOMAIN, {"feature": "diversity"})


def test_a_request_id_goes_along_when_there_is_one():
    assert unpack(write_status(ServerError("x"), "r1"))["RequestInfo"].request_id == "r1"
    assert "RequestInfo" not in unpack(write_status(ServerError("x")))


def test_a_status_always_fits_into_a_trailer():
    violations = [Violation(f"profile.features[{'漢' * 300}{row}]", "字" * 2_000) for row in range(500)]
    status = write_status(InvalidRequest(*violations), "r" * 64)
    assert status.ByteSize() < MOST_BYTES
    assert write_status(UnknownCustomer("é" * 5_000)).ByteSize() < MOST_BYTES


def test_what_is_cut_says_so():
    (violation,) = unpack(write_status(InvalidRequest.at("k", "漢" * 2_000)))["BadRequest"].field_violations
    assert violation.description.endswith("漢…")
    assert len(violation.description.encode()) <= 160


def test_a_refused_bundle_names_each_file_and_field():
    lines = ["golden vectors: differs by 0.2", "golden items-unseen-only: only 50% of the items are as they were"]
    failure = unpack(write_status(BundleRefused.by_golden(lines)))["PreconditionFailure"]
    assert [(one.type, one.subject, one.description) for one in failure.violations] == [
        ("GOLDEN_MISMATCH", "golden/vectors", lines[0]),
        ("GOLDEN_MISMATCH", "golden/items-unseen-only", lines[1]),
    ]
    assert "PreconditionFailure" not in unpack(write_status(BundleRefused("the check took too long")))
    many = BundleRefused("x", *(Unmet("NOT_FINITE", "字" * 400, "漢" * 400) for _ in range(300)))
    assert write_status(many, "r" * 64).ByteSize() < MOST_BYTES
