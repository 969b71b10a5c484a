"""What a search has found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shortlist_training.config.run import RunConfig
from shortlist_training.study.trial import FIGURE, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The trials of a study, and what the best of them is worth.

    Attributes:
        trials: all of the study, those of earlier searches too, oldest first, at least one.
        config: of the best.
        stopped: "trials" (as many as were asked for), "budget" (another would overrun it), or "interrupted" (Ctrl-C).
    """

    trials: tuple[Trial, ...]
    config: RunConfig
    stopped: str

    @property
    def first(self) -> Trial:
        """The configuration as it was."""
        return self.trials[0]

    @property
    def best(self) -> Trial:
        """The trial with the highest figure, the earliest where several have it."""
        return best_of(self.trials)

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """The searched settings in which the best differs from the first: setting -> (first, best)."""
        pairs = {place: (value, self.best.settings[place]) for place, value in self.first.settings.items()}
        return {place: pair for place, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def gain(self) -> float:
        """How much higher the best figure is than the first, 0 where nothing better was found."""
        return self.best.figure - self.first.figure

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "trials": [_plain(trial) for trial in self.trials],
            "first": _plain(self.first),
            "best": _plain(self.best),
            "gain": self.gain,
            "stopped": self.stopped,
        }


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the trial with the highest figure, the earliest where several have it."""
    return max(trials, key=lambda trial: trial.figure)


def _plain(trial: Trial) -> dict[str, Any]:
    settings = {place: list(value) if isinstance(value, tuple) else value for place, value in trial.settings.items()}
    return {"trial": trial.number, FIGURE: trial.figure, "seconds": trial.seconds, "settings": settings}
