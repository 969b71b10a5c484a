import pytest

from shortlist_server.interceptors.request_ids import request_id


class Context:
    def __init__(self, *metadata):
        self._metadata = metadata

    def invocation_metadata(self):
        return self._metadata


def test_the_callers_own_id_is_kept():
    assert request_id(Context(("other", "x"), ("x-request-id", "a-1:b/c+d=e_f.g"))) == "a-1:b/c+d=e_f.g"


@pytest.mark.parametrize("value", ["", "two words", "a\nline", "x" * 65, b"bytes"])
def test_an_id_that_could_forge_a_log_line_is_replaced(value):
    made = request_id(Context(("x-request-id", value)))
    assert made != value
    assert len(bytes.fromhex(made)) == 16


def test_every_request_gets_one_of_its_own():
    assert request_id(Context()) != request_id(Context())
