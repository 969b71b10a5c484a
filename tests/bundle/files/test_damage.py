"""Whatever happens to a bundle's files, it is refused and the file is named; never served in part."""

import hashlib
import io
import json
import os
import pickle
import shutil
import sys
from itertools import pairwise

import numpy as np
import pytest

from shortlist_bundle.documents import write_document
from shortlist_bundle.errors import BundleDamaged, BundleError, BundleIncompatible, BundleNotFound, NonFinite
from shortlist_bundle.files import open_bundle

FLIPS = 20


def every_file(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def refused(root, error=BundleDamaged, match=None, mmap=False):
    with pytest.raises(error, match=match):
        open_bundle(root, "default", "one", mmap=mmap)


@pytest.mark.parametrize("mmap", [False, True])
def test_every_flipped_bit_is_seen(root, published, mmap):
    random = np.random.default_rng(1)
    for path in every_file(published.path):
        whole = path.read_bytes()
        for position in random.integers(0, 8 * len(whole), FLIPS):
            flipped = bytearray(whole)
            flipped[position // 8] ^= 1 << (position % 8)
            path.write_bytes(flipped)
            refused(root, match=path.name, mmap=mmap)
        path.write_bytes(whole)
    open_bundle(root, "default", "one", mmap=mmap)


def test_every_truncation_and_extension_is_seen(root, published):
    for path in every_file(published.path):
        whole = path.read_bytes()
        for data in (b"", whole[:-1], whole[: len(whole) // 2], whole + b"\0", whole + b"\n", whole + whole):
            path.write_bytes(data)
            refused(root, match=path.name)
        path.write_bytes(whole)
    open_bundle(root, "default", "one")


def test_every_removal_is_seen(root, published):
    for path in every_file(published.path):
        whole = path.read_bytes()
        path.unlink()
        refused(root, match=path.name)
        path.write_bytes(whole)


def test_every_swap_is_seen(root, published):
    paths = every_file(published.path)
    for one, other in pairwise(paths):
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
        refused(root)
        one.write_bytes(first)
        other.write_bytes(second)


@pytest.mark.parametrize("name", ["extra.npy", "items/extra", ".hidden", "items/UPPER", "a b", "report/x.json"])
def test_a_file_too_many_is_seen(root, published, name):
    (published.path / name).write_bytes(b"")
    refused(root, match=name)


@pytest.mark.parametrize("name", ["empty", "items/empty", ".git"])
def test_an_empty_folder_is_seen(root, published, name):
    (published.path / name).mkdir()
    refused(root, match=name)


def test_links_are_not_followed(root, published, tmp_path):
    for name in ("policy.json", "items/vectors.npy", "manifest.json"):
        outside = tmp_path / "outside"
        path = published.path / name
        shutil.move(path, outside)
        path.symlink_to(outside)
        refused(root, match=f"{path.name}: is a link")
        path.unlink()
        shutil.move(outside, path)
    shutil.move(published.path / "items", tmp_path / "items")
    (published.path / "items").symlink_to(tmp_path / "items")
    refused(root, match="items: is a link")


def test_a_linked_version_or_model_is_not_there(root, published):
    (root / "default" / "two").symlink_to(published.path)
    with pytest.raises(BundleNotFound, match="two"):
        open_bundle(root, "default", "two")
    (root / "other").symlink_to(root / "default")
    with pytest.raises(BundleNotFound, match="other"):
        open_bundle(root, "other", "one")


def test_a_pipe_is_refused_without_waiting(root, published):
    (published.path / "policy.json").unlink()
    os.mkfifo(published.path / "policy.json")
    refused(root, match=r"policy\.json: is not a regular file")
    (published.path / "manifest.json").unlink()
    os.mkfifo(published.path / "manifest.json")
    refused(root, match=r"manifest\.json: is not a regular file")


def rewrite(published, change, name=None, data=None):
    """Write a manifest as somebody would who knows how the checksums are made."""
    path = published.path / "manifest.json"
    body = json.loads(path.read_bytes())
    if name is not None:
        (published.path / name).write_bytes(data)
        entry = next(file for file in body["files"] if file["name"] == name)
        entry.update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        pairs = sorted((file["name"], file["sha256"]) for file in body["files"] if file["hashed"])
        body["bundle_id"] = hashlib.sha256("".join(f"{n} {s}\n" for n, s in pairs).encode()).hexdigest()[:16]
    change(body)
    del body["checksum"]
    checksum = hashlib.sha256(write_document(body, "x")).hexdigest()
    path.write_bytes(write_document({**body, "checksum": checksum}, "x"))


def test_the_negative_control_of_rewrite(root, published):
    rewrite(published, lambda body: None, "policy.json", b'{"k":11}')
    assert open_bundle(root, "default", "one").document("policy") == {"k": 11}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda body: body.update(format=2), "format is 2"),
        (lambda body: body.update(format="1"), r"manifest\.json\.format"),
        (lambda body: body.update(minimal_reader=2), "minimal_reader"),
        (lambda body: body.update(feature_encoder=2), "feature_encoder"),
        (lambda body: body.update(byte_order="big"), "byte_order"),
        (lambda body: body.update(extra=1), "unknown field 'extra'"),
        (lambda body: body.pop("minimal_reader"), "minimal_reader"),
        (lambda body: body.update(bundle_id="0" * 16), "bundle_id"),
        (lambda body: body["files"].reverse(), "sorted"),
        (lambda body: body["files"].append(body["files"][-1]), "once"),
        (lambda body: body["files"][0].update(name="../outside"), r"files\[0\]\.name"),
        (lambda body: body["files"][0].update(name="/etc/passwd"), r"files\[0\]\.name"),
        (lambda body: body["files"][0].update(name="manifest.json"), r"files\[0\]\.name"),
        (lambda body: body["files"][0].update(sha256="0"), r"files\[0\]\.sha256"),
        (lambda body: body["files"][0].update(size=-1), r"files\[0\]\.size"),
        (lambda body: body["files"][0].update(mode=7), "mode"),
        (lambda body: body["files"][0].update(hashed=False), r"files\[0\]\.hashed"),
        (lambda body: body.update(files=[body["files"][0]] * 5000), "4096"),
    ],
)
def test_a_manifest_that_is_whole_but_cannot_be_served_names_the_field(root, published, change, match):
    rewrite(published, change)
    refused(root, BundleIncompatible, match)


def test_a_listed_size_is_not_believed(root, published):
    rewrite(published, lambda body: body["files"][0].update(size=1 << 40))
    refused(root, match="the manifest says")


def test_a_huge_manifest_is_not_read(root, published):
    with (published.path / "manifest.json").open("ab") as file:
        file.truncate(5 << 20)
    refused(root, match=r"manifest\.json: has 5242880 bytes")


def npy(array, **options):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


PLAIN = npy(np.arange(6.0, dtype=np.float32).reshape(2, 3))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (npy(np.array([1.0, np.nan])), NonFinite),
        (npy(np.array([-np.inf], dtype=np.float32)), NonFinite),
        (npy(np.array([print, len]), allow_pickle=True), BundleIncompatible),
        (npy(np.array(["text"])), BundleIncompatible),
        (npy(np.zeros(2, dtype=">f4")), BundleIncompatible),
        (npy(np.asfortranarray(np.zeros((2, 3)))), BundleIncompatible),
        (npy(np.zeros(2), version=(2, 0)), BundleIncompatible),
        (PLAIN[:-4], BundleIncompatible),
        (PLAIN + b"1234", BundleIncompatible),
        (PLAIN.replace(b"(2, 3)", b"(2,-3)"), BundleIncompatible),
        (PLAIN.replace(b"(2, 3)", b"(-2,-3)"), BundleIncompatible),
        (PLAIN.replace(b"(2, 3), ", b"(9999999)"), BundleIncompatible),
        (PLAIN[:20], BundleIncompatible),
        (pickle.dumps([1, 2, 3]), BundleIncompatible),
        (b"", BundleIncompatible),
    ],
)
@pytest.mark.parametrize("mmap", [False, True])
def test_arrays_with_right_checksums_are_still_checked(root, published, data, error, mmap):
    rewrite(published, lambda body: None, "items/vectors.npy", data)
    refused(root, error, r"items/vectors\.npy", mmap)


def test_documents_with_right_checksums_are_still_checked(root, published):
    rewrite(published, lambda body: None, "policy.json", b'{"k":NaN}')
    refused(root, BundleIncompatible, r"policy\.json")


def test_nothing_is_ever_unpickled(root, published, tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    seen = []
    sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(("pickle.", "marshal.")) else None)
    bomb = npy(np.array([Bomb()]), allow_pickle=True)
    rewrite(published, lambda body: None, "items/vectors.npy", bomb)
    refused(root, BundleIncompatible, "object")
    rewrite(published, lambda body: None, "items/vectors.npy", pickle.dumps(Bomb()))
    refused(root, BundleIncompatible)
    assert not [event for event in seen if event in ("pickle.find_class", "marshal.loads", "marshal.load")]
    assert not (tmp_path / "exploded").exists()
    # The control: the hook does see, and the bomb does go off, when the file is read carelessly.
    np.load(io.BytesIO(bomb), allow_pickle=True)
    assert "pickle.find_class" in seen
    assert (tmp_path / "exploded").exists()


def test_every_refusal_is_one_of_our_errors_whatever_the_bytes(root, published):
    random = np.random.default_rng(2)
    path = published.path / "manifest.json"
    for length in (0, 1, 2, 10, 100, 1000):
        path.write_bytes(random.bytes(length))
        refused(root, BundleError)
    for data in (b"[]", b"{}", b"null", b'"x"', b"[" * 5000, b'{"checksum":1}'):
        path.write_bytes(data)
        refused(root, BundleDamaged)
