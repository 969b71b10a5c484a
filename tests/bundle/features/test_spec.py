import json
from copy import deepcopy

import pytest

from shortlist_bundle.errors import BundleError, DocumentError, FeatureError
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.features.spec import ColumnSpec, FeatureSpec, NumberFit, TextFit, ValuesFit

SPEC = FeatureSpec(
    (
        ColumnSpec("age", ColumnKind.NUMBER, NumberFit(mean=40.5, scale=12.25, low=18.0, high=99.0)),
        ColumnSpec("member", ColumnKind.FLAG, NumberFit(mean=0.5, scale=0.5, low=0.0, high=1.0)),
        ColumnSpec("joined", ColumnKind.TIME, NumberFit(mean=1.6e9, scale=1e7, low=1.5e9, high=1.7e9)),
        ColumnSpec("town", ColumnKind.CATEGORY, ValuesFit(values=("Køge", "Ankh"))),
        ColumnSpec("likes", ColumnKind.CATEGORIES, ValuesFit(values=("a", "b"), width=3)),
        ColumnSpec("about", ColumnKind.TEXT, TextFit(buckets=64, width=8)),
    )
)


def test_a_spec_comes_back_from_json():
    assert FeatureSpec.from_json(json.loads(json.dumps(SPEC.to_json()))) == SPEC


@pytest.mark.parametrize(
    ("column", "field", "value", "named"),
    [
        (0, "mean", float("nan"), r"features\.columns\[0\]\.mean"),
        (0, "mean", "40", r"features\.columns\[0\]\.mean"),
        (0, "scale", 0, "age"),
        (0, "low", 100, "age"),
        (0, "width", 1, "width"),
        (1, "kind", "boolean", r"features\.columns\[1\]\.kind"),
        (3, "values", ["x", "x"], "town"),
        (3, "values", ["x", ""], "town"),
        (3, "values", "x", r"features\.columns\[3\]\.values"),
        (3, "width", 2, "town"),
        (4, "width", 33, r"features\.columns\[4\]\.width"),
        (4, "width", True, r"features\.columns\[4\]\.width"),
        (5, "buckets", 0, r"features\.columns\[5\]\.buckets"),
        (5, "name", "town", "town"),
        (5, "name", "", "name"),
    ],
)
def test_an_impossible_field_is_named(column, field, value, named):
    document = deepcopy(SPEC.to_json())
    document["columns"][column][field] = value
    with pytest.raises(BundleError, match=named):
        FeatureSpec.from_json(document)


def test_fields_that_are_missing_or_unknown_are_refused():
    for change in ({"extra": 1}, {"encoder": 2}, {"columns": None}):
        with pytest.raises(DocumentError):
            FeatureSpec.from_json({**SPEC.to_json(), **change})
    with pytest.raises(DocumentError, match="columns"):
        FeatureSpec.from_json({"encoder": 1})


def test_a_kind_needs_its_own_parameters():
    with pytest.raises(FeatureError, match="age"):
        ColumnSpec("age", ColumnKind.NUMBER, TextFit())
