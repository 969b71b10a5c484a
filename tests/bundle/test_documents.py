import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.documents import Fields, read_document, write_document
from shortlist_bundle.errors import DocumentError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(SCALARS | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=10)


@given(VALUES)
def test_documents_come_back_as_they_were_written(value):
    data = write_document(value, "x")
    assert read_document(data, "x") == value
    assert write_document(read_document(data, "x"), "x") == data


@given(st.dictionaries(TEXT, SCALARS))
def test_the_order_of_keys_does_not_change_the_bytes(value):
    assert write_document(dict(reversed(value.items())), "x") == write_document(value, "x")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object()}, "\ud800", {("a",): 1}])
def test_what_is_not_json_is_not_written(value):
    with pytest.raises(DocumentError, match="metrics"):
        write_document(value, "metrics")


@pytest.mark.parametrize("data", [b"", b"{", b'{"a":NaN}', b"[Infinity]", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_not_read(data):
    with pytest.raises(DocumentError, match="metrics"):
        read_document(data, "metrics")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda f: f.text("x"), 1),
        (lambda f: f.flag("x"), 1),
        (lambda f: f.integer("x", 0, 9), True),
        (lambda f: f.integer("x", 0, 9), 10),
        (lambda f: f.integer("x", 0, 9), 1.0),
        (lambda f: f.number("x"), "1"),
        (lambda f: f.number("x"), True),
        (lambda f: f.number("x"), float("inf")),
        (lambda f: f.number("x"), 10**400),
        (lambda f: f.texts("x"), ["a", 1]),
        (lambda f: f.texts("x"), "a"),
        (lambda f: f.objects("x"), [1]),
        (lambda f: f.list("x"), {"a": 1}),
    ],
)
def test_a_field_of_the_wrong_type_is_named(read, value):
    with pytest.raises(DocumentError, match=r"shelf\.x"):
        read(Fields({"x": value}, "shelf"))


def test_missing_and_unknown_fields_are_named():
    with pytest.raises(DocumentError, match="'x' is missing"):
        Fields({}, "shelf").text("x")
    with pytest.raises(DocumentError, match="unknown field 'x'"):
        Fields({"x": 1}, "shelf").end()
    with pytest.raises(DocumentError, match="must be an object"):
        Fields([], "shelf")
