"""What a study searches: every setting of it, and what that may be. A new setting is one new line in `SPACE`."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from optuna.distributions import BaseDistribution

from shortlist_training.config.run import RunConfig
from shortlist_training.study.reach import Between, OneOf, Reach

SPACE: Mapping[str, Reach] = MappingProxyType(
    {
        "two_tower.embedding_size": OneOf(None, 32, 64, 128),
        "two_tower.history_heads": OneOf(1, 2, 4, 6),
        "two_tower.temperature": OneOf(None, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4),
        "two_tower.learning_rate": Between(0.001, 0.01, log=True),
        "two_tower.customer_id_dropout": Between(0.1, 0.9),
        "two_tower.repeat_weight": Between(0.0, 1.0),
        "scorer.hidden": OneOf((32,), (64, 32), (128, 64)),
        "scorer.encodings": OneOf(True, False),
        "scorer.cross_entropy_share": Between(0.0, 2.0),
        "scorer.learning_rate": Between(0.0005, 0.005, log=True),
        "scorer.dropout": Between(0.0, 0.4),
        "sources.neighbours": OneOf(50, 100, 200, 400),
    }
)
"""Section and setting, as in the TOML file -> its reach. `log`: half and double are equally far. None: raced for."""


class Space:
    """A configuration, and the settings that are searched around it; its own values are always among them.

    Args:
        base: the configuration that a study starts from.
        reaches: setting -> what it may be.
    """

    def __init__(self, base: RunConfig, reaches: Mapping[str, Reach] = SPACE) -> None:
        self.base, self.reaches = base, reaches

    @property
    def start(self) -> dict[str, Any]:
        """The searched settings as they are in the configuration."""
        return {place: _setting(self.base, place) for place in self.reaches}

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The searched settings as Optuna draws them."""
        return {place: self.reaches[place].distribution(value) for place, value in self.start.items()}

    def drawn(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as a draw of those distributions."""
        return {place: self.reaches[place].drawn(value) for place, value in settings.items()}

    def settings(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Return a draw as settings."""
        start = self.start
        return {place: reach.value(drawn[place], start[place]) for place, reach in self.reaches.items()}

    def config(self, settings: Mapping[str, Any]) -> RunConfig:
        """Return the configuration with these settings in place of its own."""
        config = self.base
        for place, value in settings.items():
            section, name = place.split(".")
            config = replace(config, **{section: replace(getattr(config, section), **{name: value})})
        return config


def _setting(config: RunConfig, place: str) -> Any:
    section, name = place.split(".")
    return getattr(getattr(config, section), name)
