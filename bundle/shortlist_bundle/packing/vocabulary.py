"""A vocabulary <-> arrays: the ids, and beside them the table that finds them."""

from typing import Any

import numpy as np

from shortlist_bundle.errors import VocabularyError
from shortlist_bundle.id_table import IdTable
from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.vocabulary import Vocabulary


def pack_vocabulary(parts: Parts, prefix: str, vocabulary: Vocabulary, **more: Any) -> None:
    """Add the ids under a folder with `more` arrays, and their table under a folder of its own.

    Releases that know no tables overlook it.
    """
    parts.add(prefix, **vocabulary.to_arrays(), **more)
    table = vocabulary.table
    parts.add(_lookup(prefix), slots=table.slots, seed=np.array([table.seed], np.int32))


def unpack_vocabulary(reader: Reader, prefix: str) -> Vocabulary:
    """Return the vocabulary over the bundle's own memory; one of an older release makes its table when asked.

    Raises:
        VocabularyError: The arrays are none of a vocabulary, or the table is not theirs.
    """
    arrays, lookup = reader.arrays(prefix), reader.arrays(_lookup(prefix))
    ids = {name: arrays[name] for name in ("bytes", "offsets")}
    if not lookup:
        return Vocabulary.from_arrays(ids)
    seed = lookup["seed"]
    if seed.shape != (1,) or seed.dtype != np.int32:
        raise VocabularyError(f"{_lookup(prefix)}/seed: must be int32 [1], is {seed.dtype} {seed.shape}")
    return Vocabulary.from_arrays(ids, IdTable(lookup["slots"], int(seed[0])))


def _lookup(prefix: str) -> str:
    return f"{prefix}-lookup"
