"""Small catalogues and scored lists, built by hand."""

import numpy as np

from shortlist_bundle.catalogue import Catalogue, ListAttribute, NumberAttribute, TextAttribute
from shortlist_bundle.engine import Ranked
from shortlist_bundle.features.kinds import ColumnKind
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.vocabulary import Vocabulary


def category(values, kind=ColumnKind.CATEGORY):
    """Return an attribute from one text (or None) per item 1..N."""
    vocabulary = Vocabulary(value for value in values if value)
    return TextAttribute(kind=kind, values=vocabulary, codes=vocabulary.rows(["", *[value or "" for value in values]]))


def categories(lists):
    """Return an attribute from a list of texts per item 1..N."""
    vocabulary = Vocabulary(value for values in lists for value in values)
    return ListAttribute(
        values=vocabulary,
        offsets=np.cumsum([0, 0, *map(len, lists)]).astype(np.int64),
        codes=vocabulary.rows([value for values in lists for value in values]),
    )


def number(values):
    return NumberAttribute(kind=ColumnKind.NUMBER, values=np.array([np.nan, *values], np.float64))


def catalogue(**attributes):
    """Return a catalogue; a column is its attribute, or one text per item."""
    made = {name: category(one) if isinstance(one, list | str) else one for name, one in attributes.items()}
    (rows,) = {len(one.equals(0 if one.kind is ColumnKind.NUMBER else "")) for one in made.values()}
    return Catalogue(attributes=made, available_from=np.full(rows, -np.inf), available_until=np.full(rows, np.inf))


def ranked(*rows):
    """Return scored candidates, one row of item -> score for each customer, best first."""
    width = max(map(len, rows))
    items, scores = np.zeros((len(rows), width), np.int32), np.full((len(rows), width), -np.inf, np.float32)
    for row, one in enumerate(rows):
        ordered = sorted(one.items(), key=lambda pair: (-np.float32(pair[1]), pair[0]))
        for place, (item, score) in enumerate(ordered):
            items[row, place], scores[row, place] = item, score
    ranks = np.where(items > 0, items, -1).astype(np.int16)[..., None]
    return Ranked(items=items, scores=scores, ranks=ranks, candidates=np.count_nonzero(items, axis=1))


def taken(*rows, strengths=None):
    """Return histories of item rows."""
    flat = [item for row in rows for item in row]
    return Histories(
        offsets=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        items=np.array(flat, np.int32),
        times=np.zeros(len(flat)),
        values=np.ones(len(flat), np.float32) if strengths is None else np.array(strengths, np.float32),
    )


def listed(found, row=0):
    """Return the items of one list."""
    return [int(item) for item in found.items[row] if item]
