"""The counting sources <-> arrays: a source says here which kind it is and what it is made of."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.packing.vectors import pack_items, unpack_items
from shortlist_bundle.sources.alike import Takers
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.item_cf import ItemCf
from shortlist_bundle.sources.newest import Newest
from shortlist_bundle.sources.own_past import OwnPast
from shortlist_bundle.sources.popularity import ItemCounts, Popularity
from shortlist_bundle.sources.segment_popularity import SegmentPopularity
from shortlist_bundle.sources.segments import Segments
from shortlist_bundle.sources.shape import Shape
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.user_cf import UserCf


def pack_sources(parts: Parts, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Add the sources' arrays and return their documents by name."""
    return {name: _pack(parts, _folder(name), source) for name, source in sources.items()}


def unpack_sources(reader: Reader, documents: Mapping[str, Any], counts: ItemCounts) -> dict[str, Source]:
    """Build the sources that `pack_sources` took apart; those that need the items' counts share them."""
    return {name: _unpack(reader, _folder(name), document, counts) for name, document in documents.items()}


def _folder(name: str) -> str:
    return f"sources/{name.replace('_', '-')}"


def _pack(parts: Parts, folder: str, source: Source) -> dict[str, Any]:
    match source:
        case OwnPast():
            return {"kind": "own_past", "mix": list(source.mix)}
        case Popularity():
            return {"kind": "popularity", "buckets": source.buckets}
        case ItemCf():
            parts.add(folder, indptr=source.indptr, neighbours=source.neighbours, weights=source.weights)
            return {"kind": "item_cf", "mix": list(source.mix)}
        case Newest():
            parts.add(folder, indptr=source.indptr, neighbours=source.neighbours, weights=source.weights)
            shape = {} if source.shape is None else {"shape": asdict(source.shape)}
            return {
                "kind": "newest", "length": source.length, "fade": source.fade, "by_moment": source.by_moment, **shape
            }  # fmt: skip
        case UserCf():
            return {"kind": "user_cf", **_pack_user_cf(parts, folder, source)}
        case SegmentPopularity():
            return {"kind": "segment_popularity", **_pack_segments(parts, folder, source)}
        case Content():
            return {"kind": "content", "mix": list(source.mix), "items": pack_items(parts, folder, source.items)}
    raise TypeError(f"no packing for a source of the type {type(source).__name__}")


def _unpack(reader: Reader, folder: str, document: Any, counts: ItemCounts) -> Source:
    def array(name: str) -> Any:
        return reader.array(f"{folder}/{name}")

    match document["kind"]:
        case "own_past":
            return OwnPast(mix=tuple(document["mix"]))
        case "popularity":
            return Popularity(counts, buckets=document["buckets"])
        case "item_cf":
            return ItemCf(
                indptr=array("indptr"), neighbours=array("neighbours"), weights=array("weights"),
                mix=tuple(document["mix"]),
            )  # fmt: skip
        case "newest":
            return Newest(
                indptr=array("indptr"), neighbours=array("neighbours"), weights=array("weights"),
                length=document["length"], fade=document["fade"], by_moment=document["by_moment"],
                shape=Shape(**document["shape"]) if "shape" in document else None,
            )  # fmt: skip
        case "user_cf":
            return _unpack_user_cf(document, array)
        case "segment_popularity":
            return _unpack_segments(document, array, counts)
        case "content":
            return Content(unpack_items(reader, folder, document["items"]), mix=tuple(document["mix"]))
    raise ValueError(f"a source of the unknown kind {document['kind']!r}")


USER_CF_SETTINGS = ("neighbours", "focus", "length", "fade", "by_moment")
TAKERS_ARRAYS = ("customers", "offsets", "items", "amounts", "rarity")


def _pack_user_cf(parts: Parts, folder: str, source: UserCf) -> dict[str, Any]:
    parts.add(folder, **{name: getattr(source.takers, name) for name in TAKERS_ARRAYS})
    return {"most": source.takers.most, **{name: getattr(source, name) for name in USER_CF_SETTINGS}}


def _unpack_user_cf(document: Any, array: Callable[[str], Any]) -> UserCf:
    takers = Takers(most=document["most"], **{name: array(name) for name in TAKERS_ARRAYS})
    return UserCf(takers=takers, **{name: document[name] for name in USER_CF_SETTINGS})


SEGMENT_ARRAYS = ("edges", "ranges", "starts", "values")


def _pack_segments(parts: Parts, folder: str, source: SegmentPopularity) -> dict[str, Any]:
    arrays = {name: getattr(source.segments, name) for name in SEGMENT_ARRAYS}
    parts.add(folder, items=source.items, lifts=source.lifts, **arrays)
    return {"buckets": source.buckets, "trust": source.trust, "bags": list(source.segments.bags)}


def _unpack_segments(document: Any, array: Callable[[str], Any], counts: ItemCounts) -> SegmentPopularity:
    segments = Segments(bags=tuple(document["bags"]), **{name: array(name) for name in SEGMENT_ARRAYS})
    return SegmentPopularity(
        counts, segments, items=array("items"), lifts=array("lifts"), buckets=document["buckets"],
        trust=document["trust"],
    )  # fmt: skip
