"""What is taken away, one thing at a time: families of features, sources, terms of the loss, members."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from shortlist_bundle.features.encode import FeatureEncoder
from shortlist_bundle.signals.pair import SignalSpec
from shortlist_training.benchmark.ablations.taking import (
    without_customer_features,
    without_item_features,
    without_signals,
    without_source,
)
from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.reranking.lists import Lists

OTHER_SEED = 1000
SIGNALS = {
    "mode": "whether seen items are allowed",
    "customer": "customer signals",
    "source scores": "source scores",
    "source ranks": "source ranks",
    "own past": "own past of the item",
    "category past": "own past of its categories",
    "item state": "state of the item",
}
"""Families of signals, as the report calls them."""


class Kind(StrEnum):
    """What a variant is about."""

    CHANCE = "chance"
    FEATURES = "features"
    SOURCE = "source"
    LOSS = "loss"
    MEMBERS = "members"
    ALONE = "alone"


_Any = TypeVar("_Any")


def _same(what: _Any) -> _Any:
    return what


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A scorer that is fitted with one thing taken away.

    Attributes:
        key: a name that can be a file's.
        kind: what it is about.
        name: what is taken away, in words; of kind ALONE, the source that is left.
        lists: what becomes of every list that it learns from or is judged on.
        dataset: what becomes of the features that it reads.
        config: what becomes of its settings.
        only: the one source whose candidates it gets; None: all of them.
    """

    key: str
    kind: Kind
    name: str
    lists: Callable[[Lists], Lists] = _same
    dataset: Callable[[Dataset], Dataset] = _same
    config: Callable[[RunConfig], RunConfig] = _same
    only: str | None = None


def variants(dataset: Dataset, config: RunConfig, spec: SignalSpec) -> list[Variant]:
    """Return everything that can be taken away on a log; what it does not have is left out."""
    chance = Variant(key="chance", kind=Kind.CHANCE, name="nothing, another seed of the scorer", config=_reseeded)
    return [
        chance, *_signals(dataset, spec), *_encodings(config), *_attributes(dataset), *_sources(spec),
        *_losses(config), *_members(config), *_alone(spec),
    ]  # fmt: skip


def _reseeded(config: RunConfig) -> RunConfig:
    return replace(config, seed=config.seed + OTHER_SEED)


def _with_scorer(config: RunConfig, **settings: Any) -> RunConfig:
    return replace(config, scorer=replace(config.scorer, **settings))


def _signals(dataset: Dataset, spec: SignalSpec) -> Iterator[Variant]:
    place: Mapping[str, int] = {name: n for n, name in enumerate(spec.names)}
    for family, names in spec.families.items():
        # Where nobody takes a thing again there is one mode, and nothing to tell.
        if names and (family != "mode" or dataset.repeats):
            columns = [place[name] for name in names]
            key = f"signals-{family.replace(' ', '-')}"
            lists = partial(without_signals, columns=columns)
            yield Variant(key=key, kind=Kind.FEATURES, name=SIGNALS[family], lists=lists)


def _encodings(config: RunConfig) -> Iterator[Variant]:
    if config.scorer.encodings:
        without = partial(_with_scorer, encodings=False)
        yield Variant(key="encodings", kind=Kind.FEATURES, name="encodings of the two-tower", config=without)


def _attributes(dataset: Dataset) -> Iterator[Variant]:
    sides: tuple[tuple[str, FeatureEncoder, Callable[[Dataset], Dataset]], ...] = (
        ("customer", dataset.customer_encoder, without_customer_features),
        ("item", dataset.item_encoder, without_item_features),
    )
    for side, encoder, without in sides:
        if encoder.spec.columns:
            yield Variant(key=f"{side}-columns", kind=Kind.FEATURES, name=f"columns of the {side}s", dataset=without)


def _sources(spec: SignalSpec) -> Iterator[Variant]:
    # Without its only source there would be nothing to order.
    for n, source in enumerate(spec.sources if len(spec.sources) > 1 else ()):
        columns = [spec.names.index(f"{source}:{what}") for what in ("score", "rank")]
        lists = partial(without_source, source=n, columns=columns)
        yield Variant(key=f"source-{source}", kind=Kind.SOURCE, name=f"source {source}", lists=lists)


def _losses(config: RunConfig) -> Iterator[Variant]:
    if config.scorer.loss != "listwise" or not config.scorer.cross_entropy_share:
        return
    listwise, pointwise = partial(_with_scorer, cross_entropy_share=0.0), partial(_with_scorer, loss="cross_entropy")
    yield Variant(key="loss-cross-entropy", kind=Kind.LOSS, name="cross-entropy of the loss", config=listwise)
    yield Variant(key="loss-listwise", kind=Kind.LOSS, name="listwise softmax of the loss", config=pointwise)


def _members(config: RunConfig) -> Iterator[Variant]:
    count = config.scorer.members
    if count > 1:
        name = f"{count - 1} of {count} members of the scorer"
        yield Variant(key="members", kind=Kind.MEMBERS, name=name, config=partial(_with_scorer, members=1))


def _alone(spec: SignalSpec) -> Iterator[Variant]:
    for source in spec.sources:
        yield Variant(key=f"alone-{source}", kind=Kind.ALONE, name=source, only=source)
