"""Peers that need no process: each writes the list it was given, or fails."""

import polars as pl

from shortlist_training.benchmark.course import Course
from shortlist_training.benchmark.ledger import Ledger
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.produced import Produced
from shortlist_training.benchmark.results import Results
from shortlist_training.errors import BenchmarkError
from shortlist_training.progress import Silent

GOOD, BAD, BROKEN = Method(name="good"), Method(name="bad", seeded=False), Method(name="broken")


class FakePeers:
    """`good` shows the targets themselves, `bad` items that nobody wants, `broken` nothing."""

    def __init__(self):
        self.runs = []

    def produce(self, method, task, seed, parts, lists):
        self.runs.append((method.name, seed, tuple(parts)))
        if method.name == "broken":
            raise BenchmarkError("torch is not installed")
        files = {}
        for part in parts:
            files[part] = lists / f"{part}.parquet"
            targets = task.targets(part)
            shown = worthless(task, part) if method.name == "bad" else targets
            numbered = shown.with_columns(rank=pl.int_range(1, pl.len() + 1).over("customer_id"))
            numbered.write_parquet(files[part])
        return Produced(lists=files, training_seconds=1.5, listing_seconds=0.5, memory=100.0, versions={"numpy": "2"})


def worthless(task, part):
    customers = task.targets(part)["customer_id"].unique(maintain_order=True)
    kinds = customers.str.slice(1).cast(pl.Int64) % 4
    return pl.DataFrame({"customer_id": customers, "item_id": [f"i{10 * ((kind + 1) % 4):02}" for kind in kinds]})


class FakeOurs(FakePeers):
    def forget(self, task, budget, seed):
        self.runs.append(("forget", seed, ()))


def course(out, *, peers=None, ours=None, ledger=None, again=False):
    return Course(
        results=Results(out),
        ours=ours or Ours(out=out),
        peers=peers or FakePeers(),
        ledger=Ledger(ledger),
        commit="abc1234",
        progress=Silent(),
        again=again,
    )
