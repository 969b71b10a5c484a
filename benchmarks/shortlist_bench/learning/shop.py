"""One arm of one seed: the days of a shop, through `shortlist serve`, the client and `shortlist train`."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from shortlist_bench.learning.arms import Arm
from shortlist_bench.learning.past import (
    Row,
    attributes_of,
    customer_id,
    item_id,
    live_through_the_past,
    moment_of_day,
    number_of,
    write_log,
)
from shortlist_bench.learning.shoppers import Shoppers, Takings
from shortlist_bench.learning.trainer import Trainer
from shortlist_bench.learning.world import Visit, World
from shortlist_bench.servers import shortlist_server
from shortlist_client import Client, FeedbackEvent, Item
from shortlist_client.recommendations import Recommendations

LENGTH = 10
_PATIENCE = 600.0
_SWAP = 0.1


@dataclass(slots=True, kw_only=True)
class Day:
    """What came of a day.

    Attributes:
        visits, reward: lists that were shown, and what was taken from them.
        new_shown, new_taken: places with an item that came since the first day, and what was taken from them.
        there, met: new items that there were by then, and those that at least `COVERED` customers have been shown.
        bundle: version that answered last.
    """

    visits: int = 0
    reward: int = 0
    new_shown: int = 0
    new_taken: int = 0
    there: int = 0
    met: int = 0
    bundle: str = ""


COVERED = 5


@dataclass(slots=True)
class Shop:
    """A shop that is open.

    Attributes:
        world, arm, folder, trainer: see `run_arm`.
        shoppers: its customers.
        rows: everything that was taken so far.
    """

    world: World
    arm: Arm
    folder: Path
    trainer: Trainer
    shoppers: Shoppers
    rows: list[Row]
    met: dict[int, set[int]] = field(default_factory=dict)

    def run(self) -> Iterator[Day]:
        """Live through the days, and yield what came of each."""
        size, lived = self.world.size, 0
        with (
            shortlist_server(self.folder / "bundles", *self._options()) as server,
            Client(server.address, timeout=_PATIENCE) as client,
        ):
            for day in range(size.past, size.past + size.days):
                self.shoppers.begin(day)
                self._morning(client, day)
                yield self._day(client, day)
                lived += 1
                if self.arm.nightly and lived < size.days and lived % size.every == 0:
                    self._night(client, day)

    def _options(self) -> list[str]:
        return ["--log", str(self.folder / "log"), "--impressions", "1"] if self.arm.online else []

    def _morning(self, client: Client, day: int) -> None:
        """Let the new items of the day in, where that is possible without training."""
        new = np.flatnonzero(self.world.born == day).tolist()
        if self.arm.online:
            client.upsert_items([Item(item_id=item_id(one), attributes=attributes_of(self.world, one)) for one in new])

    def _day(self, client: Client, day: int) -> Day:
        found = Day()
        for visit in self.world.visits(day):
            shown = client.recommend(
                customer_id(visit.customer), k=LENGTH, as_of=visit.moment, exploration=self.arm.exploration
            )
            items = [number_of(one.item_id) for one in shown]
            taken = self.shoppers.visit(visit, items)
            self._keep(client, visit, shown, items, taken)
            self._count(found, visit, items, taken)
            found.bundle = shown.bundle.version
        found.there = int(((self.world.born > 0) & self.world.there(day)).sum())
        found.met = sum(len(customers) >= COVERED for customers in self.met.values())
        return found

    def _keep(self, client: Client, visit: Visit, shown: Recommendations, items: list[int], taken: Takings) -> None:
        """Write down what was taken: at once into the server's log, or for the night."""
        customer, moment = customer_id(visit.customer), visit.moment + 1.0
        every = [*(items[place] for place in taken.places), *taken.own]
        self.rows += [(customer, item_id(one), moment) for one in every]
        if not self.arm.online or not every:
            return
        places = [*taken.places, *([None] * len(taken.own))]
        client.record(
            [
                FeedbackEvent(
                    customer_id=customer, item_id=item_id(one), timestamp=moment, rank=place,
                    impression_id="" if place is None else shown.impression_id,
                )
                for one, place in zip(every, places, strict=True)
            ]
        )  # fmt: skip

    def _count(self, day: Day, visit: Visit, items: list[int], taken: Takings) -> None:
        day.visits += 1
        day.reward += len(taken.places)
        for place, item in enumerate(items):
            if self.world.born[item] > 0:
                day.new_shown += 1
                day.new_taken += place in taken.places
                self.met.setdefault(item, set()).add(visit.customer)

    def _night(self, client: Client, day: int) -> None:
        """Train from everything until now, and wait until the new bundle answers."""
        data = [str(self.folder.parent / "past"), f"log+{self.folder / 'log'}"]
        if not self.arm.online:
            data = [str(self.folder / "data")]
            write_log(self.folder / "data", self.world, self.rows, np.flatnonzero(self.world.there(day + 1)).tolist())
        version = self.trainer.train(data, self.folder / "bundles", alias="stable")
        late, until = moment_of_day(day + 1), time.monotonic() + _PATIENCE
        while client.recommend(customer_id(0), k=1, as_of=late).bundle.version != version:
            if time.monotonic() > until:
                raise RuntimeError(f"version {version} did not take over within {_PATIENCE:g} s")
            time.sleep(_SWAP)


def run_arm(world: World, arm: Arm, folder: Path, base: Path, trainer: Trainer) -> Iterator[Day]:
    """Yield the days of an arm.

    Args:
        world: of a seed.
        arm: how much of the loop runs.
        folder: of this arm, made anew, beside the folder `past` with the log of before.
        base: folder of bundles with the one that every arm begins with.
        trainer: who trains.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder / "bundles")
    shoppers = Shoppers(world)
    rows = live_through_the_past(world, shoppers)
    yield from Shop(world, arm, folder, trainer, shoppers, rows).run()


@contextmanager
def prepared(world: World, folder: Path, config: Path) -> Iterator[tuple[Path, Trainer]]:
    """Give the folder with the bundle that a seed begins with, trained if it is not there, and who trains.

    Args:
        world: of the seed.
        folder: of the seed.
        config: of every training.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Trainer(config, folder / "training.log") as trainer:
        base, done = folder / "base", folder / "base.done"
        if not done.exists():
            shutil.rmtree(base, ignore_errors=True)
            rows = live_through_the_past(world, Shoppers(world))
            write_log(folder / "past", world, rows, range(world.size.items))
            trainer.train([str(folder / "past")], base, alias="stable")
            done.touch()
        yield base, trainer
