"""The whole configuration of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortlist_bundle.exploration.rewards import Rewards
from shortlist_bundle.policy import Placement
from shortlist_training.config.models import EmbeddingConfig, RatingsConfig, ScorerConfig, TwoTowerConfig
from shortlist_training.log.config import DataConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """The `[split]` section.

    Attributes:
        kind: "time", "last" or "random"; None: chosen from the data.
        share: of each customer's events that one window of a random split takes.
    """

    kind: str | None = None
    share: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesConfig:
    """The `[sources]` section.

    Attributes:
        names: the candidate sources, in the order of the reply's source bits.
        neighbours: neighbours kept per item by item-based collaborative filtering.
        min_customers: an item needs so many takers to be anybody's neighbour.
    """

    names: tuple[str, ...] = (
        "own_past", "two_tower", "item_cf", "embedding", "popularity", "sequence", "linear", "user_cf", "content",
        "segment_popularity",
    )  # fmt: skip
    neighbours: int = 100
    min_customers: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexConfig:
    """The `[index]` section.

    Attributes:
        exact_items: up to so many items there is no index; above, whichever is the cheapest that finds enough.
        recall: final lists must hold this share of what they hold when everything is searched exactly.
    """

    exact_items: int = 2_000
    recall: float = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything a training run was told; stored in the bundle.

    Attributes:
        seed: of every random choice.
        deterministic: the same data and config give the same bundle, at some cost of speed.
        budget_minutes: time to stay within; fewer rounds are trained, fewer settings tried and fewer customers judged
            where it is short. None: no limit.
        policies: named placements and the defaults of their lists; "default" is there without being named.
        rewards: what events are worth to the head that explores; kinds that are not named are worth nothing, once any
            is.
    """

    seed: int = 0
    deterministic: bool = True
    budget_minutes: float | None = None
    data: DataConfig = field(default_factory=DataConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    two_tower: TwoTowerConfig = field(default_factory=TwoTowerConfig)
    scorer: ScorerConfig = field(default_factory=ScorerConfig)
    ratings: RatingsConfig = field(default_factory=RatingsConfig)
    sources: SourcesConfig = field(default_factory=SourcesConfig)
    index: IndexConfig = field(default_factory=IndexConfig)
    policies: Mapping[str, Placement] = field(default_factory=dict)
    rewards: Rewards = field(default_factory=Rewards)
