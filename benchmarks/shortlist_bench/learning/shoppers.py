"""What customers remember, and what they make of a list: this differs from arm to arm, for lists do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shortlist_bench.learning import constants as c
from shortlist_bench.learning.world import Visit, World


@dataclass(frozen=True, slots=True)
class Takings:
    """What a visit came to: places of the list that were taken, and items that were taken without it."""

    places: tuple[int, ...]
    own: tuple[int, ...]


class Shoppers:
    """The customers of a world, as they go through its days."""

    def __init__(self, world: World) -> None:
        size = world.size
        self._world = world
        self._random = np.random.default_rng([world.seed, 3])
        shape = (size.customers, len(world.category))
        self._known = np.ones(shape, np.bool_)
        self._known[:, world.born > 0] = False
        self._taken = np.zeros(shape, np.bool_)
        self._tired = np.zeros(shape)
        self._value = world.value(0)
        self._there = world.there(0)

    def begin(self, day: int) -> None:
        """Begin a day: tastes have moved, and what tired is half forgotten."""
        self._value = self._world.value(day)
        self._there = self._world.there(day)
        self._tired *= c.REST

    def visit(self, visit: Visit, shown: Sequence[int]) -> Takings:
        """Return what a customer takes of a list of items, and besides."""
        who = visit.customer
        looked = self._examined(len(shown))
        chances = 1.0 / (1.0 + np.exp(-self._logits(who, np.array(shown, np.int64))))
        taken = [place for place in range(looked) if self._random.uniform() < chances[place]]
        for place in range(looked):
            self._known[who, shown[place]] = True
            self._tired[who, shown[place]] += place not in taken
        own = self._own(visit)
        self._taken[who, [shown[place] for place in taken] + own] = True
        return Takings(tuple(taken), tuple(own))

    def _logits(self, who: int, items: np.ndarray) -> np.ndarray:
        habit = c.HABIT * self._taken[who, items]
        return self._value[who, items] + habit - c.FATIGUE * self._tired[who, items]

    def _examined(self, count: int) -> int:
        places = np.flatnonzero(self._random.uniform(size=count) > c.EXAMINED)
        return int(places[0]) + 1 if len(places) else count

    def _own(self, visit: Visit) -> list[int]:
        """Return what they take of the items they know of, by how they like them; sometimes they find another one."""
        who = visit.customer
        if self._random.uniform() < c.FIND:
            self._known[who, self._random.choice(np.flatnonzero(self._there))] = True
        known = np.flatnonzero(self._known[who] & self._there)
        if not visit.own or not len(known):
            return []
        logits = self._value[who, known] + c.HABIT * self._taken[who, known]
        keys = logits + self._random.gumbel(size=len(known))
        return [int(item) for item in known[np.argsort(-keys)[: visit.own]]]
