"""The tree of errors, as the module shows it and as it is."""

import re

import grpc
import pytest

from shortlist_server import errors


def concrete(base=errors.ServerError):
    for kind in base.__subclasses__():
        yield kind
        yield from concrete(kind)


def shown():
    """Read name, status and reason from the tree in the module's docstring."""
    lines = re.findall(r"─ (\w+) +([A-Z_]+) +([A-Z_]+)", errors.__doc__)
    return {name: (status, reason) for name, status, reason in lines}


def test_the_tree_shows_every_error_with_its_status_and_reason():
    own = [kind for kind in concrete() if kind.__module__ == errors.__name__]
    actual = {
        kind.__name__: (kind.status.name, kind.reason) for kind in own if kind.status is not grpc.StatusCode.INTERNAL
    }
    assert actual.items() - shown().items() == {("NotFound", ("NOT_FOUND", "NOT_FOUND"))}
    assert shown().items() <= actual.items()


def test_reasons_are_names_of_their_own():
    reasons = [kind.reason for kind in concrete() if kind.status is not grpc.StatusCode.INTERNAL]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.InvalidRequest.at("k", "0 is not within 1 to 1,000"), "k: 0 is not within 1 to 1,000"),
        (errors.UnknownItem("apple"), "no item 'apple' here"),
        (errors.DeadlineTooShort(0.0005), "0.5 ms were left before the deadline: too short for an answer"),
        (errors.Overloaded("too many requests", retry_after=0.05), "too many requests; try again in 50 ms"),
        (errors.FeatureOff("diversity", "is not supported"), "diversity is not supported"),
    ],
)
def test_an_error_says_what_was_wrong(error, text):
    assert str(error) == text
    assert error.user_message


def test_a_pipeline_can_name_several_fields():
    error = errors.InvalidRequest(errors.Violation("k", "is odd"), errors.Violation("as_of", "is odd too"))
    assert [violation.field for violation in error.violations] == ["k", "as_of"]
    assert isinstance(error, errors.PipelineError)
