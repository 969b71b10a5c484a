import pickle

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from shortlist_client import Client, Retry, errors

STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.BadRequest,
    grpc.StatusCode.OUT_OF_RANGE: errors.BadRequest,
    grpc.StatusCode.NOT_FOUND: errors.NotFound,
    grpc.StatusCode.UNAUTHENTICATED: errors.Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDenied,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.Overloaded,
    grpc.StatusCode.UNAVAILABLE: errors.Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    grpc.StatusCode.UNIMPLEMENTED: errors.Unsupported,
    grpc.StatusCode.FAILED_PRECONDITION: errors.Conflict,
    grpc.StatusCode.ABORTED: errors.Conflict,
    grpc.StatusCode.ALREADY_EXISTS: errors.Conflict,
    grpc.StatusCode.CANCELLED: errors.Cancelled,
    grpc.StatusCode.INTERNAL: errors.ServerError,
    grpc.StatusCode.UNKNOWN: errors.ServerError,
    grpc.StatusCode.DATA_LOSS: errors.ServerError,
}


@pytest.fixture
def once(fake):
    """A client that never tries again."""
    with Client(fake.address, timeout=30.0, retry=Retry(attempts=1, when_overloaded=False)) as shortlist:
        yield shortlist


def test_every_status_of_grpc_has_its_error():
    assert set(STATUSES) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


@pytest.mark.parametrize(("code", "kind"), STATUSES.items(), ids=lambda value: getattr(value, "name", ""))
def test_a_status_becomes_its_error(once, fake, code, kind):
    fake.refuse(code, "what was wrong")

    with pytest.raises(kind, match="what was wrong") as caught:
        once.recommend("c")

    assert type(caught.value) is kind
    assert caught.value.status == code.name
    assert caught.value.user_message


def test_the_details_of_a_status_are_read(once, fake):
    fake.refuse(
        grpc.StatusCode.INVALID_ARGUMENT,
        "2 fields are wrong",
        error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(field="k", description="must be 1 to 1000, not 0"),
                error_details_pb2.BadRequest.FieldViolation(field="as_of", description="is not finite"),
            ]
        ),
        error_details_pb2.RequestInfo(request_id="r-1"),
        error_details_pb2.ErrorInfo(reason="OUT_OF_RANGE"),
        error_details_pb2.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
        error_details_pb2.ResourceInfo(resource_type="item", resource_name="i1"),
        error_details_pb2.Help(),
    )

    with pytest.raises(errors.BadRequest) as caught:
        once.recommend("c", k=0)

    error = caught.value
    assert error.violations == {"k": "must be 1 to 1000, not 0", "as_of": "is not finite"}
    assert (error.request_id, error.reason, error.retry_after) == ("r-1", "OUT_OF_RANGE", 1.5)
    assert (error.resource_type, error.resource_name) == ("item", "i1")
    assert str(error) == "2 fields are wrong; k: must be 1 to 1000, not 0; as_of: is not finite"


def test_violations_that_the_text_holds_already_are_not_said_twice(once, fake):
    violation = error_details_pb2.BadRequest.FieldViolation(field="k", description="must be at least 1")
    fake.refuse(
        grpc.StatusCode.INVALID_ARGUMENT,
        "k: must be at least 1",
        error_details_pb2.BadRequest(field_violations=[violation]),
    )

    with pytest.raises(errors.BadRequest) as caught:
        once.recommend("c")

    assert str(caught.value) == "k: must be at least 1"


def test_an_error_without_text_names_its_status(once, fake):
    fake.refuse(grpc.StatusCode.FAILED_PRECONDITION)

    with pytest.raises(errors.Conflict, match="failed precondition"):
        once.recommend("c")


def test_nobody_listening_is_unavailable():
    with Client("127.0.0.1:1", timeout=30.0, retry=Retry(attempts=1)) as shortlist, pytest.raises(errors.Unavailable):
        shortlist.recommend("c")


def test_errors_survive_a_process_boundary():
    error = errors.BadRequest("k: wrong", request_id="r-1", violations={"k": "wrong"})

    copy = pickle.loads(pickle.dumps(error))

    assert (str(copy), copy.request_id, copy.violations) == ("k: wrong", "r-1", {"k": "wrong"})
    assert copy.status == "INVALID_ARGUMENT"


def test_the_tree_of_the_module_names_every_error():
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, Exception):
            assert f" {name} " in errors.__doc__ or errors.__doc__.splitlines()[2] == name
        if isinstance(error, type) and issubclass(error, errors.CallError):
            line = next((line for line in errors.__doc__.splitlines() if f" {name} " in line), "")
            assert all(status in line for status in error.statuses)
