"""What the customer tower gains from the history that it pools.

    python benchmarks/tower_history.py --data FOLDER [--rounds 2]

Fits the two-tower alone, up to the scorer's window, and judges its exact nearest items on the tuning window by nDCG@20:
with the newest item of the history only, with ten, with a hundred, and with one way of pooling them instead of two.
The figure is the geometric mean over lists with and without seen items, by which training stops early.
"""

import argparse
import os
import platform
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log import read_log
from shortlist_training.progress import Silent
from shortlist_training.retrieval.batches import training_clock
from shortlist_training.run import seed_everything
from shortlist_training.split.plan import plan_split
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.retrieval import fit_models

VARIANTS = {
    "newest item": {"history_length": 1, "history_heads": 1},
    "newest 10 items, two ways": {"history_length": 10},
    "newest 100 items, one way": {"history_heads": 1},
    "newest 100 items, two ways": {},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}", flush=True)
    config = RunConfig()
    config = replace(config, embedding=replace(config.embedding, rounds=1))
    dataset = build_dataset(read_log(arguments.data), seed=config.seed)
    plan = plan_split(dataset)
    clock = training_clock(dataset, plan.scorer, typical=0.99)
    for name, settings in VARIANTS.items():
        seed_everything(config)
        started = time.monotonic()
        tower = replace(config.two_tower, rounds=arguments.rounds, **settings)
        models = fit_models(dataset, plan, clock, replace(config, two_tower=tower), Silent(), TimeBudget(None))
        figures = [entry.figure or 0.0 for entry in models.tower_record.rounds]
        print(f"{name:<28} nDCG@20 {max(figures):.4f}   {time.monotonic() - started:4.0f} s", flush=True)


if __name__ == "__main__":
    main()
