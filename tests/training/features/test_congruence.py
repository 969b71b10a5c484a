"""Training encodes whole tables, the server one row at a time; the two must agree bit by bit."""

from datetime import datetime

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.features import table as table_module
from shortlist_training.features.fit import fit_features
from shortlist_training.features.table import encode_table

WORD = st.sampled_from(["a", "b", "ß", "swiss cheese", "日本語", "", "8 oz", "é"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)
STRATEGIES = {
    "float": (ColumnKind.NUMBER, pl.Float64, st.floats(allow_infinity=False)),
    "single": (ColumnKind.NUMBER, pl.Float32, st.floats(width=32, allow_infinity=False)),
    "whole": (ColumnKind.NUMBER, pl.Int64, st.integers(-(2**63), 2**63 - 1)),
    "flag": (ColumnKind.FLAG, pl.Boolean, st.booleans()),
    "category": (ColumnKind.CATEGORY, pl.String, WORD),
    "code": (ColumnKind.CATEGORY, pl.Int32, st.integers(-3, 3)),
    "list": (ColumnKind.CATEGORIES, pl.List(pl.String), st.lists(st.none() | WORD, max_size=20)),
    "text": (ColumnKind.TEXT, pl.String, st.lists(WORD, max_size=40).map(" ".join)),
    "time": (ColumnKind.TIME, pl.Datetime("us"), st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))),
    "seconds": (ColumnKind.TIME, pl.Float64, st.floats(-1e10, 1e10)),
}
KINDS = {name: kind for name, (kind, _, _) in STRATEGIES.items()}
SCHEMA = {name: dtype for name, (_, dtype, _) in STRATEGIES.items()}
ROW = st.fixed_dictionaries({name: st.none() | values for name, (_, _, values) in STRATEGIES.items()})
TABLE = st.lists(ROW, max_size=40).map(lambda rows: pl.DataFrame(rows, schema=SCHEMA))


@settings(deadline=None)
@given(TABLE, TABLE, st.integers(1, 50))
def test_a_row_alone_is_encoded_as_in_its_table(seen, unseen, chunk_rows):
    encoder = FeatureEncoder(fit_features(seen, KINDS))
    for table in (seen, unseen):
        table_module.CHUNK_ROWS, kept = chunk_rows, table_module.CHUNK_ROWS
        try:
            bulk = encode_table(encoder, table)
        finally:
            table_module.CHUNK_ROWS = kept
        assert len(bulk) == len(table)
        assert np.abs(bulk.numbers).max(initial=0) <= 5
        encoder.check(bulk)
        for row, values in enumerate(table.iter_rows(named=True)):
            alone = encoder.encode({name: [value] for name, value in values.items()}, 1)
            assert alone.numbers.tobytes() == bulk.numbers[row].tobytes()
            for name, bag in alone.bags.items():
                assert bag.tobytes() == bulk.bags[name][row].tobytes()


def test_columns_that_the_table_lacks_are_missing():
    encoder = FeatureEncoder(fit_features(pl.DataFrame({"a": [1.0, 2.0]}), {"a": ColumnKind.NUMBER}))
    assert encode_table(encoder, pl.DataFrame({"b": [1]})).numbers.tolist() == [[0, 1]]


def test_every_code_of_the_table_has_a_row_to_train():
    table = pl.DataFrame({"c": ["a", "a", "rare", None]})
    bag = encode_table(FeatureEncoder(fit_features(table, {"c": ColumnKind.CATEGORY})), table).bags["c"]
    assert bag.tolist() == [[2], [2], [1], [0]]
