"""Scorers and feature inputs <-> arrays."""

from collections.abc import Sequence
from typing import Any

from shortlist_bundle.packing.parts import Parts, Reader, numbered
from shortlist_bundle.ratings import EmbeddingRating, FeatureRating, RatingModel
from shortlist_bundle.reranker import Reranker
from shortlist_bundle.scorer import Output, PairScorer
from shortlist_bundle.towers.layers import Dense, FeatureInput, FeatureSum, MemberLayers


def pack_tables(parts: Parts, prefix: str, tables: FeatureInput | FeatureSum) -> None:
    """Add a feature input's tables, in the order of its columns."""
    parts.add(prefix, **{f"table-{n}": table for n, table in enumerate(tables.tables.values())})
    if isinstance(tables, FeatureSum):
        parts.add(prefix, kernel=tables.kernel)


def unpack_input(reader: Reader, prefix: str, names: Sequence[str]) -> FeatureInput:
    """Return the feature input; `names` are the encoder's bags in order."""
    tables = numbered(reader.arrays(prefix), "table")
    return FeatureInput(tables=dict(zip(names, tables, strict=True)))


def unpack_sum(reader: Reader, prefix: str, names: Sequence[str]) -> FeatureSum:
    """Return the feature sum; `names` are the encoder's bags in order."""
    arrays = reader.arrays(prefix)
    return FeatureSum(kernel=arrays["kernel"], tables=dict(zip(names, numbered(arrays, "table"), strict=True)))


def pack_scorer(parts: Parts, prefix: str, scorer: PairScorer) -> dict[str, Any]:
    """Add a scorer's layers and return what its document says."""
    parts.add(
        prefix, item_half=scorer.item_half, customer_kernel=scorer.customer_kernel,
        signal_kernel=scorer.signal_kernel, bias=scorer.bias,
    )  # fmt: skip
    for stem, layers in (("customer", scorer.customer_layers), ("joint", scorer.layers)):
        for n, layer in enumerate(layers):
            parts.add(prefix, **{f"{stem}-kernel-{n}": layer.kernel, f"{stem}-bias-{n}": layer.bias})
    output = scorer.output
    return {
        "customer_relu": [layer.relu for layer in scorer.customer_layers],
        "joint_relu": [layer.relu for layer in scorer.layers],
        "output": {"sigmoid": output.sigmoid, "low": output.low, "high": output.high},
    }


def unpack_scorer(reader: Reader, prefix: str, document: Any) -> PairScorer:
    """Return the scorer that `pack_scorer` took apart."""
    arrays = reader.arrays(prefix)

    def layers(stem: str) -> list[Any]:
        kernels, biases = numbered(arrays, f"{stem}-kernel"), numbered(arrays, f"{stem}-bias")
        relus = document[f"{stem}_relu"]
        return [
            # A kernel for each member of an ensemble has an axis more.
            (MemberLayers if k.ndim > 2 else Dense)(kernel=k, bias=b, relu=r)
            for k, b, r in zip(kernels, biases, relus, strict=True)
        ]

    return PairScorer(
        customer_layers=layers("customer"),
        item_half=arrays["item-half"],
        customer_kernel=arrays["customer-kernel"],
        signal_kernel=arrays["signal-kernel"],
        bias=arrays["bias"],
        layers=layers("joint"),
        output=Output(**document["output"]),
    )


def pack_reranker(parts: Parts, prefix: str, reranker: Reranker) -> dict[str, Any]:
    """Add the reranker and return its document."""
    pack_tables(parts, f"{prefix}/features", reranker.feature_input)
    parts.add(prefix, signal_mean=reranker.signal_mean, signal_scale=reranker.signal_scale)
    return {
        "encoding_width": reranker.encoding_width,
        "scorer": pack_scorer(parts, f"{prefix}/mlp", reranker.scorer),
    }


def unpack_reranker(reader: Reader, prefix: str, document: Any, names: Sequence[str]) -> Reranker:
    """Return the reranker that `pack_reranker` took apart."""
    return Reranker(
        feature_input=unpack_input(reader, f"{prefix}/features", names),
        encoding_width=document["encoding_width"],
        signal_mean=reader.array(f"{prefix}/signal-mean"),
        signal_scale=reader.array(f"{prefix}/signal-scale"),
        scorer=unpack_scorer(reader, f"{prefix}/mlp", document["scorer"]),
    )


def pack_ratings(parts: Parts, prefix: str, ratings: RatingModel) -> dict[str, Any]:
    """Add a rating model and return its document."""
    if isinstance(ratings, EmbeddingRating):
        parts.add(
            prefix, customer_bias=ratings.customer_bias, item_bias=ratings.item_bias, customers=ratings.customers,
            items=ratings.items,
        )  # fmt: skip
        return {"kind": "embedding", "mean": ratings.mean, "low": ratings.low, "high": ratings.high}
    if isinstance(ratings, FeatureRating):
        pack_tables(parts, f"{prefix}/features", ratings.feature_input)
        parts.add(prefix, customer_ids=ratings.customer_ids)
        scorer = pack_scorer(parts, f"{prefix}/mlp", ratings.scorer)
        return {"kind": "features", "low": ratings.low, "high": ratings.high, "scorer": scorer}
    raise TypeError(f"no packing for {type(ratings).__name__}")


def unpack_ratings(reader: Reader, prefix: str, document: Any, names: Sequence[str]) -> RatingModel:
    """Return the rating model that `pack_ratings` took apart."""
    if document["kind"] == "embedding":
        return EmbeddingRating(
            mean=document["mean"],
            customer_bias=reader.array(f"{prefix}/customer-bias"),
            item_bias=reader.array(f"{prefix}/item-bias"),
            customers=reader.array(f"{prefix}/customers"),
            items=reader.array(f"{prefix}/items"),
            low=document["low"],
            high=document["high"],
        )
    return FeatureRating(
        feature_input=unpack_input(reader, f"{prefix}/features", names),
        customer_ids=reader.array(f"{prefix}/customer-ids"),
        scorer=unpack_scorer(reader, f"{prefix}/mlp", document["scorer"]),
        low=document["low"],
        high=document["high"],
    )
