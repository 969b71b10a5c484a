"""Text -> hashed bag of words and of neighbouring words.

Hashing needs no vocabulary, so that a word first seen in a request already has a place (Weinberger et al., 2009,
https://arxiv.org/abs/0902.2206); pairs of neighbouring words keep some of their order.
"""

import re
import unicodedata
import zlib
from itertools import islice

from shortlist_bundle.features.spec import TextFit

MAX_CHARACTERS = 2000

# Chinese and Japanese are written without spaces: each character counts as a word, so that their pairs are character
# bigrams. Everywhere else a word is a run of letters, digits and combining marks (`\w` alone would cut Indic and Thai
# words at their vowel signs).
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3"
_WORD = re.compile(f"[{_UNSPACED}]|(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+")


def words(text: str) -> list[str]:
    """Return the words of the first 2,000 characters, in compatibility form and without case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold())


def codes(text: str, fit: TextFit) -> list[int]:
    """Return at most `fit.width` distinct codes in [1, fit.buckets]: all single words first, then pairs, and so on."""
    found = words(text)
    grams = (
        " ".join(found[start : start + length])
        for length in range(1, fit.longest + 1)
        for start in range(len(found) - length + 1)
    )
    distinct = dict.fromkeys(_bucket(gram, fit.buckets) for gram in grams)
    return list(islice(distinct, fit.width))


def _bucket(gram: str, buckets: int) -> int:
    # CRC-32 is the same on every machine and in every process, which Python's own hash is not. Code 0 is padding.
    return 1 + zlib.crc32(gram.encode("utf-8", "surrogatepass")) % buckets
