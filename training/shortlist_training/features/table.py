"""Whole tables through the encoder that the server runs."""

import polars as pl

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures

CHUNK_ROWS = 65_536
"""Rows whose raw values stand in memory as Python objects at one time."""


def encode_table(encoder: FeatureEncoder, table: pl.DataFrame) -> EncodedFeatures:
    """Encode every row of a table; columns that it lacks count as missing, columns unknown to the spec are ignored.

    Raises:
        FeatureError: A value is not of its column's kind.
    """
    names = [column.name for column in encoder.spec.columns if column.name in table.columns]
    chunks = [
        encoder.encode({name: chunk[name].to_list() for name in names}, len(chunk))
        for chunk in table.iter_slices(CHUNK_ROWS)
    ]
    return EncodedFeatures.concatenate(chunks) if chunks else encoder.empty(0)
