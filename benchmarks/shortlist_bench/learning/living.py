"""All arms of all seeds, one after the other; what is done already is not done again."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from shortlist_bench.learning.arms import ARMS
from shortlist_bench.learning.results import Runs, file_of, read_days, write_days
from shortlist_bench.learning.shop import prepared, run_arm
from shortlist_bench.learning.world import Size, World

SMALL = Path(__file__).with_name("small.toml")


def live(
    size: Size,
    seeds: Iterable[int],
    arms: Sequence[str],
    out: Path,
    say: Callable[[str], None],
    *,
    config: Path | None = None,
) -> Runs:
    """Return the days of every arm of every seed.

    Args:
        size: of the worlds.
        seeds: of the worlds.
        arms: names of `ARMS`.
        out: folder where everything is kept.
        say: what goes on.
        config: of every training; None for one that takes seconds.
    """
    runs: Runs = {}
    for seed in seeds:
        waiting = []
        for arm in arms:
            days = read_days(file_of(out, seed, arm), size)
            if days is None or len(days) < size.days:
                waiting.append(arm)
            else:
                runs[seed, arm] = days
        if waiting:
            _live_seed(size, seed, waiting, out, say, config or SMALL, runs)
    return runs


def _live_seed(
    size: Size, seed: int, arms: Sequence[str], out: Path, say: Callable[[str], None], config: Path, runs: Runs
) -> None:
    world, folder = World(size, seed), out / f"seed-{seed}"
    with prepared(world, folder, config) as (base, trainer):
        for arm in arms:
            say(f"seed {seed}: {arm}")
            runs[seed, arm] = []
            for day in run_arm(world, ARMS[arm], folder / arm, base, trainer):
                runs[seed, arm].append(day)
                write_days(file_of(out, seed, arm), size, runs[seed, arm])
            shutil.rmtree(folder / arm, ignore_errors=True)
