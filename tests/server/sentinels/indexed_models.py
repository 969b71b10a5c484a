"""A model whose two-tower is searched through an index that misses much, unless it is searched deeply."""

from dataclasses import replace

from indexes import indexed
from small_models import model_of, pipeline_of

from shortlist_bundle.engine import Engine


def indexed_pipeline(*, probes=1, **changes):
    model = model_of(**changes)
    retriever, engine = model.engine.retriever, model.engine
    items = indexed(retriever.tower_items.vectors, "IVF10,Flat", probes=probes, spare=1.0)
    depths = {seen: {**own, "two_tower": 8} for seen, own in engine.depths.items()}
    return pipeline_of(replace(model, engine=Engine(replace(retriever, tower_items=items), engine.reranker,
                                                    depths=depths)))  # fmt: skip
