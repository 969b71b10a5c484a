import json
import os
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shortlist_bundle.errors import BadName, BundleIncompatible, NonFinite, VersionExists
from shortlist_bundle.files import BundleContents, open_bundle, under, write_bundle
from shortlist_bundle.files.arrays import decode_array, encode_array

from .conftest import contents

DTYPES = st.sampled_from([np.dtype(code) for code in "?bBhHiIqQefd"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements=hnp.from_dtype(dtype, allow_nan=False, allow_infinity=False),
    )
)


@given(ARRAYS)
def test_arrays_come_back_bit_by_bit(array):
    data = b"".join(encode_array(array, "x"))
    again = decode_array(data, "x")
    assert (again.dtype, again.shape, again.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert not again.flags.writeable


def test_strides_and_byte_order_do_not_change_the_bytes():
    plain = np.arange(12, dtype=np.int32).reshape(3, 4)
    for other in (np.asfortranarray(plain), plain.astype(">i4"), np.repeat(plain, 2, axis=1)[:, ::2]):
        assert b"".join(encode_array(other, "x")) == b"".join(encode_array(plain, "x"))


@pytest.mark.parametrize("mmap", [False, True])
def test_what_was_written_is_read(root, published, mmap):
    written = contents()
    opened = open_bundle(root, "default", "one", mmap=mmap)
    assert opened.ref == published
    assert opened.names() == tuple(written.file_names())
    for name, array in written.arrays.items():
        np.testing.assert_array_equal(opened.array(name), array)
        assert opened.array(name).flags.aligned
        with pytest.raises(ValueError, match="read-only"):
            opened.array(name)[0] = 0
    assert opened.document("policy") == {"k": 10}
    assert opened.blob("index/items.faiss") == written.blobs["index/items.faiss"]
    assert opened.report("timings") == {"fit_seconds": 1.5}
    assert set(opened.report("written")) == {"created", "libraries"}
    assert set(opened.arrays("items")) == {"vectors", "vocabulary/offsets"}
    assert opened.arrays("item") == {}


def test_an_empty_bundle_is_a_bundle(tmp_path):
    ref = write_bundle(tmp_path, "empty", BundleContents(arrays={"none": np.zeros((0, 3))}, blobs={"nothing": b""}))
    for mmap in (False, True):
        opened = open_bundle(tmp_path, "empty", ref.version, mmap=mmap)
        assert opened.array("none").shape == (0, 3)
        assert opened.blob("nothing") == b""


def test_a_part_that_is_not_there_is_named(root):
    opened = open_bundle(root, version="one")
    for read in (opened.array, opened.document, opened.blob, opened.report):
        with pytest.raises(BundleIncompatible, match="'towers/customer'"):
            read("towers/customer")


def test_a_prefix_goes_on_and_off(tmp_path):
    parts = {"a": np.zeros(1), "b/c": np.ones(2)}
    ref = write_bundle(tmp_path, "m", BundleContents(arrays=under("x/y", parts)))
    assert set(open_bundle(tmp_path, "m", ref.version).arrays("x/y")) == {"a", "b/c"}


def test_the_id_depends_on_what_counts_and_on_nothing_else(tmp_path):
    ids = set()
    for seed, report in ((0, {"host": "a"}), (0, {"host": "b"}), (0, {})):
        made = contents(seed)
        same = BundleContents(arrays=made.arrays, documents=made.documents, blobs=made.blobs, report=report)
        ids.add(write_bundle(tmp_path, "m", same).bundle_id)
    assert len(ids) == 1
    assert write_bundle(tmp_path, "m", contents(1)).bundle_id not in ids


def test_a_version_is_named_by_time_and_id(tmp_path):
    ref = write_bundle(tmp_path, "m", contents())
    assert re.fullmatch(rf"\d{{14}}-{ref.bundle_id[:8]}", ref.version)
    assert ref.path == tmp_path / "m" / ref.version


def test_the_same_version_holds_the_same_content_for_ever(root, published):
    assert write_bundle(root, "default", contents(), version="one") == published
    with pytest.raises(VersionExists, match="other content"):
        write_bundle(root, "default", contents(1), version="one")
    (published.path / "manifest.json").write_text("{}")
    with pytest.raises(VersionExists, match="damaged"):
        write_bundle(root, "default", contents(), version="one")
    assert os.listdir(root / "default") == unordered(["one", ".lock"])


def test_the_manifest_lists_every_file(published):
    manifest = json.loads((published.path / "manifest.json").read_bytes())
    on_disk = [str(p.relative_to(published.path)) for p in published.path.rglob("*") if p.is_file()]
    assert sorted([*(file["name"] for file in manifest["files"]), "manifest.json"]) == sorted(on_disk)
    assert [file["name"] for file in manifest["files"] if not file["hashed"]] == [
        "report/timings.json",
        "report/written.json",
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"arrays": {"../evil": np.zeros(1)}},
        {"arrays": {"/etc/evil": np.zeros(1)}},
        {"arrays": {"a//b": np.zeros(1)}},
        {"arrays": {"a/.b": np.zeros(1)}},
        {"arrays": {"A": np.zeros(1)}},
        {"arrays": {"": np.zeros(1)}},
        {"arrays": {"x" * 64: np.zeros(1)}},
        {"arrays": {"a/b/c/d/e/f/g": np.zeros(1)}},
        {"documents": {"manifest": {}}},
        {"documents": {"report/x": {}}},
        {"report": {"written": {}}},
        {"report": {"../x": {}}},
        {"blobs": {"x.npy": b""}},
        {"blobs": {"x.json": b""}},
        {"blobs": {"a": b"", "a/b": b""}},
        {"blobs": {"a\n": b""}},
    ],
)
def test_names_that_could_leave_the_folder_or_clash_are_refused(parts):
    with pytest.raises(BadName):
        BundleContents(**parts)


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "A", ".hidden", "x" * 65, "aliases", "-x", "a\x00"])
def test_models_and_versions_have_plain_names(tmp_path, name):
    with pytest.raises(BadName):
        write_bundle(tmp_path, name, contents())
    if name:
        with pytest.raises(BadName):
            write_bundle(tmp_path, "m", contents(), version=name)
    with pytest.raises(BadName):
        open_bundle(tmp_path, name, "one")
    assert not list(tmp_path.rglob("manifest.json"))


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (np.array([1.0, np.nan]), NonFinite),
        (np.array([np.inf], dtype=np.float16), NonFinite),
        (np.array([object()]), BundleIncompatible),
        (np.array(["text"]), BundleIncompatible),
        (np.array([1j]), BundleIncompatible),
        (np.array([1], dtype="datetime64[s]"), BundleIncompatible),
    ],
)
def test_arrays_that_cannot_be_served_are_not_written(tmp_path, array, error):
    with pytest.raises(error, match="items/vectors"):
        write_bundle(tmp_path, "m", BundleContents(arrays={"items/vectors": array}))
    assert not list(tmp_path.glob("m/*[!k]"))


def unordered(names):
    class Unordered(list):
        __hash__ = None

        def __eq__(self, other):
            return sorted(self) == sorted(other)

    return Unordered(names)
