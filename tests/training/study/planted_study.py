"""A study without models: the figure of a configuration is a formula, and a trial takes as long as it says."""

from dataclasses import replace

from shortlist_training.config.run import RunConfig
from shortlist_training.progress import Silent
from shortlist_training.study.journal import Journal
from shortlist_training.study.pace import Pace
from shortlist_training.study.search import search
from shortlist_training.study.space import Space

FINGERPRINTS = {"data": "d", "configuration": "c", "space": "s"}


class Clock:
    """Stands still unless moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def figure(config):
    """Return a figure that is best at a temperature of 0.1 without dropout."""
    temperature = config.two_tower.temperature or 0.2
    return 1.0 - abs(temperature - 0.1) - config.scorer.dropout


def base(seed=0):
    return replace(RunConfig(), seed=seed)


def journal(path, *, config=None, **fingerprints):
    return Journal(path, Space(config or base()), {**FINGERPRINTS, **fingerprints})


def searched(opened, measure=figure, *, minutes=60.0, most=None, seconds=60.0, progress=None):
    """Search with a clock of its own; every trial takes `seconds`."""
    clock = Clock()

    def timed(config):
        clock.now += seconds
        return measure(config)

    return search(opened, timed, Pace(minutes, clock), progress or Silent(), most=most)
