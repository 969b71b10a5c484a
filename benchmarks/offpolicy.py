"""How often intervals of off-policy estimates hold the truth: python benchmarks/offpolicy.py [RUNS].

In worlds where the truth is known, for logs of several lengths and policies near and far: the share of 95 % intervals
that hold it, their mean width, the error of the estimate, and how many logs are refused for too little overlap.
"""

import sys
from collections import defaultdict

import numpy as np

from shortlist_bench.slate_worlds import World, make_world
from shortlist_training.errors import OverlapError
from shortlist_training.offpolicy.intervals import BOOTSTRAP, NORMAL, Certainty
from shortlist_training.offpolicy.judging import ESTIMATORS

CASES = [(200, 1.0), (1_000, 1.0), (1_000, 2.0), (1_000, 4.0), (5_000, 4.0)]


def measure(world: World, count: int, runs: int, kind: str) -> None:
    held, width, error, refused = (defaultdict(list) for _ in range(4))
    for run in range(runs):
        comparison = world.log(count, np.random.default_rng([run, count]))
        for name, estimator in ESTIMATORS.items():
            try:
                found = estimator(comparison, Certainty(kind=kind, seed=run))
            except OverlapError:
                refused[name].append(1)
                continue
            held[name].append(found.interval.low <= world.truth <= found.interval.high)
            width[name].append(found.interval.high - found.interval.low)
            error[name].append(found.value - world.truth)
    for name in ESTIMATORS:
        if held[name]:
            root = np.sqrt(np.mean(np.square(error[name])))
            print(f"  {name:14}{np.mean(held[name]):9.3f}{np.mean(width[name]):9.3f}{root:9.3f}"
                  f"{np.mean(error[name]):+9.3f}{len(refused[name]):9,}")  # fmt: skip
        else:
            print(f"  {name:14}{'-':>9}{'-':>9}{'-':>9}{'-':>9}{len(refused[name]):9,}")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    kinds = sys.argv[2:] or [NORMAL]
    for kind in kinds:
        for cascade in (False, True):
            for count, shift in CASES:
                world = make_world(shift=shift, cascade=cascade)
                about = f"{kind}, clicks " + ("act on those below" if cascade else "stand alone")
                print(f"{about}, {count:,} impressions, shift {shift:g}, {runs:,} runs; truth {world.truth:.4f}")
                print(f"  {'estimator':14}{'held':>9}{'width':>9}{'rmse':>9}{'bias':>9}{'refused':>9}")
                measure(world, count, runs if kind != BOOTSTRAP else min(runs, 200), kind)


if __name__ == "__main__":
    main()
