"""A model, packed and unpacked, is the same model down to the last array."""

import json
import mmap
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from types import SimpleNamespace

import faiss
import numpy as np
import pytest
from arrays import random_batch
from item_sides import described_model, item_side
from scipy import sparse
from small_models import RATINGS, bare_model, context_model, customer, item, model_of, stepped_calibration

from shortlist_bundle.errors import BundleIncompatible, VocabularyError
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.files import BundleContents, open_bundle, write_bundle
from shortlist_bundle.packing import pack_model, unpack_model
from shortlist_bundle.packing.parts import Parts
from shortlist_bundle.packing.sources import pack_sources, unpack_sources
from shortlist_bundle.policy import Policy
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.vectors import ItemVectors
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_bundle.vocabulary import Vocabulary


def leaves(value, path="model"):
    """Yield every number, text and array inside a model, with the way to it."""
    if isinstance(value, Vocabulary):
        value = value.ids(range(len(value)))
    elif isinstance(value, FeatureEncoder):
        value = value.spec
    elif sparse.issparse(value):
        value = {"indptr": value.indptr, "indices": value.indices, "data": value.data}
    elif isinstance(value, faiss.Index):
        value = faiss.serialize_index(value)
    if isinstance(value, np.ndarray | str | int | float | bool | Enum | None):
        yield path, value
    elif is_dataclass(value):
        for entry in fields(value):
            yield from leaves(getattr(value, entry.name), f"{path}.{entry.name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        yield f"{path} (length)", len(value)
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        # What has been computed from the rest does not count.
        yield from leaves({k: v for k, v in vars(value).items() if not k.startswith("_")}, path)


def assert_same(before, after):
    found, wanted = dict(leaves(after)), dict(leaves(before))
    assert found.keys() == wanted.keys()
    for path, value in wanted.items():
        if isinstance(value, np.ndarray):
            assert found[path].shape == value.shape, path
            np.testing.assert_array_equal(found[path], value, path)
        else:
            assert found[path] == value, path


def written(model, folder, *, without=(), changed=None):
    """Write a model; without the arrays under some folders, and with others in the place of its own."""
    parts = pack_model(model)
    arrays = {name: array for name, array in parts.arrays.items() if not any(part in name for part in without)}
    contents = BundleContents(arrays={**arrays, **(changed or {})}, documents=parts.documents, blobs=parts.blobs)
    return write_bundle(folder, "default", contents)


def written_and_read(model, folder, *, mmap=False):
    ref = written(model, folder)
    return unpack_model(open_bundle(folder, "default", ref.version, mmap=mmap))


MODELS = {
    "engine": model_of,
    "seen items are not shown": lambda: model_of(seen_allowed=False),
    "no times": lambda: model_of(has_times=False),
    "no features at all": bare_model,
    "context": context_model,
    "item side": lambda: described_model(ratings=RATINGS["scorer"]()),
    "item side without a line for the bias": lambda: model_of(
        item_side=replace(item_side(), tower=replace(item_side().tower, bias=None, lengths=None), content=None)
    ),
    "event weights": lambda: model_of(event_weights=EventWeights(weights={"view": 0.1, "buy": 1.0}, main="buy")),
    "calibration": lambda: model_of(calibration=stepped_calibration()),
    "people": lambda: model_of(policy=Policy(seen_allowed=False, ranks_by_rating=False, people_to_people=True)),
    "what variety may cost": lambda: model_of(
        policy=Policy(seen_allowed=True, ranks_by_rating=False, max_sum_scales={True: 1.5, False: 0.25})
    ),
    **{
        f"{name} ratings": lambda make=make: model_of(engine=False, ratings=make(), by_rating=True)
        for name, make in RATINGS.items()
    },
    **{f"engine and {name} ratings": lambda make=make: model_of(ratings=make()) for name, make in RATINGS.items()},
}


@pytest.mark.parametrize("name", MODELS)
def test_every_part_comes_back(name, tmp_path):
    model = MODELS[name]()
    assert_same(model, written_and_read(model, tmp_path))


@pytest.mark.parametrize("name", ["engine", "no times", "engine and two_tower ratings"])
def test_every_part_comes_back_from_mapped_files(name, tmp_path):
    model = MODELS[name]()
    assert_same(model, written_and_read(model, tmp_path, mmap=True))


def test_a_bundle_of_a_release_without_tables_of_ids_is_read(tmp_path):
    model = model_of()
    ref = written(model, tmp_path, without=("-lookup/",))
    opened = open_bundle(tmp_path, "default", ref.version, mmap=True)
    assert not [name for name in opened.names() if "lookup" in name]
    after = unpack_model(opened)
    assert_same(model, after)
    assert after.items.row(item(3)) == model.items.row(item(3)) > 0


@pytest.mark.parametrize("vocabulary", ["items/vocabulary", "customers/vocabulary", "catalogue/attribute-0"])
@pytest.mark.parametrize("value", [-1, 2**31 - 1])
def test_a_table_of_ids_that_leads_outside_is_refused(vocabulary, value, tmp_path):
    model = model_of()
    name = f"{vocabulary}-lookup/slots"
    slots = pack_model(model).arrays[name].copy()
    slots[np.flatnonzero(slots)[0]] = value
    ref = written(model, tmp_path, changed={name: slots})
    with pytest.raises(VocabularyError, match="id table"):
        unpack_model(open_bundle(tmp_path, "default", ref.version))


@pytest.mark.parametrize("seed", [np.zeros(2, np.int32), np.zeros(1, np.int64), np.array([99], np.int32)])
def test_a_hash_that_there_is_not_is_refused(seed, tmp_path):
    ref = written(model_of(), tmp_path, changed={"items/vocabulary-lookup/seed": seed})
    with pytest.raises(VocabularyError, match="seed"):
        unpack_model(open_bundle(tmp_path, "default", ref.version))


def test_what_is_mapped_stays_mapped(tmp_path):
    model = model_of()
    open_ends = written_and_read(model, tmp_path, mmap=True)
    vectors = open_ends.engine.retriever.tower_items.vectors
    # The file's own memory, of which the process has no copy.
    base = vectors
    while isinstance(base, np.ndarray):
        assert not base.flags.writeable
        base = base.base
    assert isinstance(base, memoryview)
    assert isinstance(base.obj, mmap.mmap)
    table = open_ends.items.table.slots
    assert not table.flags.writeable
    assert not table.flags.owndata


@pytest.mark.parametrize(
    "part",
    [
        lambda model: model.engine.reranker.scorer.layers[0].kernel,
        lambda model: model.engine.retriever.counting["item_cf"].weights,
        lambda model: model.engine.retriever.tower.features.tables["tags"],
        lambda model: model.engine.retriever.counts.cumulative,
        lambda model: model.engine.retriever.counting["content"].items.vectors,
        lambda model: model.customer_space.vectors,
        lambda model: model.calibration.proposed.probabilities,
        lambda model: model.ratings.scorer.item_half,
        lambda model: model.snapshot.events.times,
        lambda model: model.catalogue.attributes["tags"].codes,
        lambda model: model.item_side.tower.bias.weights,
        lambda model: model.item_side.tower.lengths,
        lambda model: model.item_side.scorer.layers[0].kernel,
        lambda model: model.item_side.content.bags["title"].axes,
    ],
)
def test_the_comparison_sees_every_part(part):
    model, other = (
        described_model(ratings=RATINGS["two_tower"](), calibration=stepped_calibration()) for _ in range(2)
    )
    assert_same(model, other)
    part(other)[-1] += 1
    with pytest.raises(AssertionError):
        assert_same(model, other)


def test_an_approximate_index_comes_back_with_its_probes(tmp_path):
    model = model_of()
    vectors = model.engine.retriever.tower_items.vectors
    index = faiss.index_factory(vectors.shape[1], "IVF4,SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[1:])
    approximate = ItemVectors(vectors, index=faiss.serialize_index(index), probes=3)
    model.engine.retriever = replace(model.engine.retriever, tower_items=approximate)
    after = written_and_read(model, tmp_path).engine.retriever
    assert after.tower_items.approximate
    assert after.tower_items.probes == 3
    assert not after.embedding_items.approximate
    assert_same(model, written_and_read(model, tmp_path))


def over_items(model, factory, change=lambda index: None, rows=slice(1, None)):
    """Put an index over some of the items into a model."""
    vectors = model.engine.retriever.tower_items.vectors
    index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[1:])
    index.add(vectors[rows])
    change(index)
    return faiss.serialize_index(index).tobytes()


def foreign(index):
    """Let the first list of an inverted file hold an item that there is not."""
    number = next(number for number in range(index.nlist) if index.invlists.list_size(number))
    faiss.rev_swig_ptr(index.invlists.get_ids(number), 1)[0] = 2**40


@pytest.mark.parametrize(
    ("blob", "match"),
    [
        (lambda model: over_items(model, "IVF4,SQ8", foreign), "items that there are not"),
        (lambda model: over_items(model, "IVF4,SQ8", rows=slice(1, 9)), "an index of 8 items"),
        (lambda model: over_items(model, "SQ8", rows=slice(0, None)), "an index of"),
        (lambda model: b"IxXX" + bytes(100), "not an index"),
        (lambda model: over_items(model, "IVF4,SQ8")[:-40], "not an index"),
    ],
)
def test_an_index_that_does_not_fit_the_items_is_refused(blob, match, tmp_path):
    model = model_of()
    parts = pack_model(model)
    document = parts.documents["model"]
    document["engine"]["retriever"]["two_tower_index"].update(approximate=True, probes=2)
    blobs = {**parts.blobs, "two-tower/index": blob(model)}
    ref = write_bundle(tmp_path, "m", BundleContents(arrays=parts.arrays, documents=parts.documents, blobs=blobs))
    with pytest.raises(BundleIncompatible, match=match):
        unpack_model(open_bundle(tmp_path, "m", ref.version, mmap=True))


@pytest.mark.parametrize("factory", ["IVF4,SQ8", "IVF4,PQ5x4fs", "PQ5x4fs"])
def test_an_index_over_mapped_bytes_finds_what_its_copy_does(factory, tmp_path):
    model = model_of()
    vectors = model.engine.retriever.tower_items.vectors
    blob = np.frombuffer(over_items(model, factory), np.uint8)
    model.engine.retriever = replace(model.engine.retriever, tower_items=ItemVectors(vectors, index=blob, probes=2))
    mapped = written_and_read(model, tmp_path, mmap=True).engine.retriever.tower_items
    copied = faiss.deserialize_index(blob)
    queries = np.ascontiguousarray(vectors[1:9])
    ours, theirs = mapped.index.search(queries, 5), copied.search(queries, 5)
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_a_bundle_answers_as_the_model_did(tmp_path):
    model = model_of(ratings=RATINGS["scorer"]())
    after = written_and_read(model, tmp_path)
    batch = random_batch()
    mask = np.ones((len(batch), len(model.items)), np.bool_)
    ranked = [_ranked(engine, batch, mask) for engine in (model.engine, after.engine)]
    np.testing.assert_array_equal(ranked[0].items, ranked[1].items)
    np.testing.assert_array_equal(ranked[0].scores, ranked[1].scores)
    items = np.arange(1, 31, dtype=np.int32)[None, :].repeat(len(batch), axis=0)
    np.testing.assert_array_equal(model.ratings.predict(batch, items), after.ratings.predict(batch, items))


def _ranked(engine, batch, mask):
    encoded = engine.retriever.encode(batch)
    candidates = engine.retrieve(encoded, mask, seen_allowed=True, at_least=10)
    return engine.rerank(encoded, candidates, seen_allowed=True, k=10)


def test_open_ends_of_availability_survive_though_bundles_hold_no_infinities(tmp_path):
    model = model_of()
    model.catalogue.available_from[3] = 50.0
    model.catalogue.available_until[4] = 60.0
    after = written_and_read(model, tmp_path).catalogue
    assert after.available_from[[3, 4]].tolist() == [50.0, -np.inf]
    assert after.available_until[[3, 4]].tolist() == [np.inf, 60.0]


def test_a_half_life_that_never_ends_survives(tmp_path):
    model = model_of()
    retriever = model.engine.retriever
    model.engine.retriever = replace(retriever, signals=replace(retriever.signals, half_lives=(np.inf, 10.0)))
    assert written_and_read(model, tmp_path).engine.retriever.signals.half_lives == (np.inf, 10.0)


def test_rating_models_of_other_makes_are_refused():
    with pytest.raises(TypeError, match="no packing for object"):
        pack_model(model_of(ratings=object()))


def test_ids_come_back_in_their_places(tmp_path):
    after = written_and_read(model_of(), tmp_path)
    assert [after.items.row(item(n)) for n in (1, 30)] == [1, 30]
    assert after.customers.row(customer(6)) == 6


def test_the_position_of_the_log_of_changes_comes_back(tmp_path):
    model = model_of()
    trained = replace(model, snapshot=replace(model.snapshot, position=7))
    assert written_and_read(trained, tmp_path).snapshot.position == 7


@pytest.mark.parametrize("shape", [None, Shape(reach=8, gap=0.85, back=0.0)])
def test_what_pairs_were_counted_by_comes_back(shape):
    """Without it, as in a bundle of an older release, it is not known."""
    source = Newest(
        indptr=np.array([0, 0, 1], np.int64), neighbours=np.array([1], np.int32), weights=np.ones(1, np.float32),
        length=20, fade=0.8, by_moment=False, shape=shape,
    )  # fmt: skip
    parts = Parts()
    (document,) = pack_sources(parts, {"sequence": source}).values()
    assert ("shape" in document) == (shape is not None)
    reader = SimpleNamespace(array=lambda name: parts.arrays[name])
    found = unpack_sources(reader, {"sequence": json.loads(json.dumps(document))}, None)["sequence"]
    assert found.shape == shape
    assert found.since is None
