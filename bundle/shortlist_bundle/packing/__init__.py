"""A `Model` <-> the named arrays, documents and blobs of a bundle: one file per part."""

from shortlist_bundle.packing.model import pack_model, unpack_model

__all__ = ["pack_model", "unpack_model"]
