"""The whole model <-> the contents of a bundle."""

from typing import Any

from shortlist_bundle.changes.log import START
from shortlist_bundle.engine import Engine
from shortlist_bundle.errors import BundleIncompatible
from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.features.spec import FeatureSpec
from shortlist_bundle.model import Model
from shortlist_bundle.packing.calibration import pack_calibration, unpack_calibration
from shortlist_bundle.packing.catalogue import pack_catalogue, unpack_catalogue
from shortlist_bundle.packing.customer_space import pack_customer_space, unpack_customer_space
from shortlist_bundle.packing.item_side import pack_item_side, unpack_item_side
from shortlist_bundle.packing.parts import Parts, Reader
from shortlist_bundle.packing.posterior import pack_posterior, unpack_posterior
from shortlist_bundle.packing.retriever import pack_retriever, unpack_retriever
from shortlist_bundle.packing.scorers import pack_ratings, pack_reranker, unpack_ratings, unpack_reranker
from shortlist_bundle.packing.vocabulary import pack_vocabulary, unpack_vocabulary
from shortlist_bundle.policy import Policy
from shortlist_bundle.state.clock import Clock
from shortlist_bundle.state.event_weights import EventWeights
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.state.snapshot import Snapshot

ITEM_SIDE = "items/side"
MODEL = "model"
"""The document that says how the arrays belong together."""


def pack_model(model: Model) -> Parts:
    """Take a model apart into named arrays, documents and blobs."""
    parts = Parts()
    pack_vocabulary(parts, "customers/vocabulary", model.customers)
    pack_vocabulary(parts, "items/vocabulary", model.items)
    events = model.snapshot.events
    parts.add("state/events", offsets=events.offsets, items=events.items, times=events.times, values=events.values)
    parts.arrays.update(model.snapshot.encoded.to_arrays("state/features/"))
    engine = model.engine
    parts.documents[MODEL] = {
        "policy": model.policy.to_json(),
        "clock": model.clock.to_json(),
        "context": model.context_encoder is not None,
        "item_side": model.item_side is not None,
        "watermark": model.snapshot.watermark,
        "position": model.snapshot.position,
        "event_weights": model.event_weights.to_json(),
        "catalogue": pack_catalogue(parts, model.catalogue),
        "engine": _pack_engine(parts, engine) if engine else None,
        "ratings": pack_ratings(parts, "ratings", model.ratings) if model.ratings else None,
        "calibration": pack_calibration(model.calibration) if model.calibration else None,
        "customer_space": pack_customer_space(parts, model.customer_space) if model.customer_space else None,
        **({"posterior": pack_posterior(parts, model.posterior)} if model.posterior else {}),
    }
    if model.item_side:
        parts.documents[ITEM_SIDE] = pack_item_side(parts, model.item_side)
    parts.documents["customers/features"] = model.customer_encoder.spec.to_json()
    parts.documents["items/features"] = model.item_encoder.spec.to_json()
    if model.context_encoder:
        parts.documents["context/features"] = model.context_encoder.spec.to_json()
    parts.documents["metrics"] = dict(model.figures)
    return parts


def unpack_model(reader: Reader) -> Model:
    """Put a model together from an open bundle.

    Raises:
        BundleIncompatible: A part is missing, or the parts do not fit each other.
    """
    try:
        model = _unpacked(reader)
    except (KeyError, TypeError, ValueError) as error:
        problem = f"the model's parts do not fit each other: {type(error).__name__}: {error}"
        raise BundleIncompatible(problem, subject=f"{MODEL}.json") from error
    problems = list(model.policy.unknown_sources(model.engine.retriever.signals.sources if model.engine else ()))
    if problems:
        text = "; ".join(f"policy.{place}: {problem}" for place, problem in problems)
        raise BundleIncompatible(text, subject=f"{MODEL}.json#policy.{problems[0][0]}")
    return model


def _unpacked(reader: Reader) -> Model:
    document: Any = reader.document(MODEL)
    customer_encoder = _encoder(reader, "customers/features")
    item_encoder = _encoder(reader, "items/features")
    context_encoder = _encoder(reader, "context/features") if document.get("context") else None
    events = reader.arrays("state/events")
    encoded = EncodedFeatures.from_arrays(reader.arrays("state/features"), customer_encoder.bag_names)
    customer_encoder.check(encoded)
    figures: Any = reader.document("metrics")
    engine = None
    if document["engine"]:
        engine = _unpack_engine(reader, document["engine"], customer_encoder, context_encoder)
    return Model(
        customers=unpack_vocabulary(reader, "customers/vocabulary"),
        items=unpack_vocabulary(reader, "items/vocabulary"),
        customer_encoder=customer_encoder,
        item_encoder=item_encoder,
        catalogue=unpack_catalogue(reader, document["catalogue"]),
        snapshot=Snapshot(
            events=Histories(**events),
            encoded=encoded,
            watermark=document["watermark"],
            position=document.get("position", START),
        ),
        item_side=unpack_item_side(reader, reader.document(ITEM_SIDE), item_encoder.bag_names)
        if document.get("item_side")
        else None,
        event_weights=EventWeights.from_json(document["event_weights"])
        if "event_weights" in document
        else EventWeights(),
        clock=Clock.from_json(document["clock"]),
        context_encoder=context_encoder,
        engine=engine,
        ratings=(
            unpack_ratings(reader, "ratings", document["ratings"], customer_encoder.bag_names)
            if document["ratings"]
            else None
        ),
        calibration=unpack_calibration(document["calibration"]) if document.get("calibration") else None,
        customer_space=unpack_customer_space(reader, document["customer_space"])
        if document.get("customer_space")
        else None,
        posterior=unpack_posterior(reader, document.get("posterior"), engine),
        policy=Policy.from_json(document["policy"]),
        figures=figures,
    )


def _encoder(reader: Reader, name: str) -> FeatureEncoder:
    return FeatureEncoder(FeatureSpec.from_json(reader.document(name), name))


def _pack_engine(parts: Parts, engine: Engine) -> dict[str, Any]:
    return {
        "retriever": pack_retriever(parts, engine.retriever),
        "reranker": pack_reranker(parts, "scorer", engine.reranker),
        "depths": {"seen_allowed": dict(engine.depths[True]), "unseen_only": dict(engine.depths[False])},
    }


def _unpack_engine(reader: Reader, document: Any, customers: FeatureEncoder, context: FeatureEncoder | None) -> Engine:
    depths = document["depths"]
    return Engine(
        unpack_retriever(reader, document["retriever"], customers.bag_names, context.bag_names if context else None),
        unpack_reranker(reader, "scorer", document["reranker"], customers.bag_names),
        depths={True: depths["seen_allowed"], False: depths["unseen_only"]},
    )
