"""A shop with customers whose tastes drift, items that come, and lists that tire.

Everything that is random about the shop itself is drawn from its seed alone, day by day, so that every arm of a
comparison meets the same customers, items, tastes and visits. What a customer makes of a list is drawn besides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bench.learning import constants as c

DAY = 86_400.0
START = 1_700_000_000.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a shop is.

    Attributes:
        customers, items: at the start.
        past: days before the first list of the server, of which there is a log.
        days: that are simulated.
        every: a bundle is trained every so many nights.
        arrivals: new items a day, as a share of those at the start.
    """

    customers: int = 150
    items: int = 400
    past: int = 10
    days: int = 8
    every: int = 1
    arrivals: float = c.WEEKS * c.PACE * c.FITTED["arrivals"]

    @property
    def new(self) -> int:
        """New items of one day."""
        return max(round(self.arrivals * self.items), 1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer comes to the shop."""

    customer: int
    moment: float
    own: int
    """How many items they take that no list has shown."""


class World:
    """The shop as it is made by its seed: what no recommendation changes.

    Attributes:
        category, brand: int64 [N], of every item that there will ever be.
        price: float64 [N].
        born: int64 [N], the day on which it comes; 0 for those that are there from the beginning.
    """

    def __init__(self, size: Size, seed: int) -> None:
        random = np.random.default_rng([seed, 1])
        self.size, self.seed = size, seed
        total = size.items + size.new * size.days
        self.category = random.integers(c.CATEGORIES, size=total)
        self.brand = random.integers(c.BRANDS, size=total)
        self.price = np.round(np.exp(random.normal(1.2, 0.5, total)), 2)
        # The new items of a day come at its beginning, from the first day on that the server serves.
        self.born = np.concatenate(
            [np.zeros(size.items, np.int64), np.repeat(size.past + np.arange(size.days), size.new)]
        )
        self._appeal = random.normal(0, c.FITTED["appeal"], total)
        brands = random.normal(0, 1, (c.BRANDS, c.STYLES))
        own = random.normal(0, 1, (total, c.STYLES))
        self._styles = np.sqrt(c.BRAND_SHARE) * brands[self.brand] + np.sqrt(1 - c.BRAND_SHARE) * own
        self._customers = random.normal(0, 1, (size.customers, c.STYLES)) * c.STYLE / np.sqrt(c.STYLES)
        rates = random.normal(0, c.FITTED["activity"], size.customers)
        rates = np.exp(rates - c.FITTED["activity"] ** 2 / 2)
        self._rates = c.WEEKS * c.FITTED["visits"] * np.minimum(rates, 6.0)
        self._tastes = self._walks(random)

    def value(self, day: int) -> Floats:
        """Return what each customer makes of each item on a day, as logits without habit and fatigue, [M, N]."""
        return (
            c.BASE + self._tastes[day][:, self.category] + self._appeal + self._customers @ self._styles.T
        )  # fmt: skip

    def there(self, day: int) -> NDArray[np.bool_]:
        """Return which items there are on a day, bool [N]."""
        return self.born <= day

    def visits(self, day: int) -> list[Visit]:
        """Return who comes on a day, in order."""
        random = np.random.default_rng([self.seed, 2, day])
        who = np.repeat(np.arange(self.size.customers), random.poisson(self._rates))
        moments = START + DAY * day + np.sort(random.uniform(0.05, 0.95, len(who))) * DAY
        random.shuffle(who)
        own = random.poisson(c.FITTED["basket"] - 1.0, len(who))
        return [
            Visit(int(one), float(moment), int(count)) for one, moment, count in zip(who, moments, own, strict=True)
        ]

    def _walks(self, random: np.random.Generator) -> Floats:
        """Return tastes day by day, [days, M, C]: customers' own walks, and that of everybody, the season."""
        days, customers = self.size.past + self.size.days, self.size.customers
        start = random.normal(0, c.FITTED["tastes"], (customers, c.CATEGORIES))
        steps = np.sqrt(c.WEEKS * c.PACE) * c.FITTED["drift"] * random.normal(size=(days, customers, c.CATEGORIES))
        season = np.sqrt(c.WEEKS * c.PACE) * c.FITTED["season"] * random.normal(size=(days, 1, c.CATEGORIES))
        steps[0] = season[0] = 0.0
        return start + np.cumsum(steps, axis=0) + np.cumsum(season, axis=0)
