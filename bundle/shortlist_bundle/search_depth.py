"""How deep the indexes of an engine are searched: as its bundle was tuned, or deeper where that finds too little."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

from shortlist_bundle.engine import Engine, Retriever
from shortlist_bundle.sources.content import Content
from shortlist_bundle.sources.source import Source
from shortlist_bundle.sources.vectors import ItemVectors

AS_TUNED = 1.0


def searched_spaces(retriever: Retriever) -> Mapping[str, ItemVectors]:
    """Return the spaces that are searched through an index, by the names of their sources."""
    spaces = {"two_tower": retriever.tower_items, "embedding": retriever.embedding_items}
    spaces |= {name: source.items for name, source in retriever.counting.items() if isinstance(source, Content)}
    wanted = retriever.signals.sources
    return {name: items for name, items in spaces.items() if name in wanted and items.approximate}


def searched_deeper(engine: Engine, times: float) -> Engine:
    """Return the engine with every index searched so many times as deep; all tables are shared.

    What it answers is determined by the bundle and this number. Spaces without an index are searched whole anyway.

    Args:
        engine: as its bundle was tuned.
        times: at least 1.
    """
    retriever = engine.retriever
    deeper = replace(
        retriever,
        tower_items=retriever.tower_items.deeper(times),
        embedding_items=retriever.embedding_items.deeper(times),
        counting={name: _deeper(source, times) for name, source in retriever.counting.items()},
    )
    return Engine(deeper, engine.reranker, depths=engine.depths)


def _deeper(source: Source, times: float) -> Source:
    if not isinstance(source, Content):
        return source
    found = copy(source)
    found.items = source.items.deeper(times)
    return found
