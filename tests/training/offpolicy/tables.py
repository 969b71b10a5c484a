"""Small logs written by hand."""

import polars as pl

from shortlist_training.offpolicy.columns import IMPRESSION, ITEM, MARGINAL, POSITION, PROBABILITY, REWARD


def logged(rows, *, marginal=False):
    """Return a log from (impression, position, item, probability, reward) and, if wanted, a marginal probability."""
    columns = [IMPRESSION, POSITION, ITEM, PROBABILITY, REWARD, *([MARGINAL] if marginal else [])]
    return pl.DataFrame(rows, schema=columns, orient="row")


def offered(rows, *, marginal=False):
    """Return a policy from (impression, position, item, probability) and, if wanted, a marginal probability."""
    columns = [IMPRESSION, POSITION, ITEM, PROBABILITY, *([MARGINAL] if marginal else [])]
    return pl.DataFrame(rows, schema=columns, orient="row")


def written(folder, log, policy):
    """Write both and return their places: the log as a folder of a day's folder, the policy as one file."""
    (folder / "log" / "day=1").mkdir(parents=True)
    log.write_parquet(folder / "log" / "day=1" / "slates-1.parquet")
    policy.write_parquet(folder / "policy.parquet")
    return folder / "log", folder / "policy.parquet"


def two_items(count):
    """Return a log of one item a slate, a by 0.75 and b by 0.25, and a policy that shows b by 0.5.

    Of every 8 slates 6 have a, of which 3 are taken, and 2 have b, of which both are. So the truth, with these
    frequencies, is 0.5 x 0.5 + 0.5 x 1 = 0.75; the log has earned 5/8.
    """
    rows, policy = [], []
    for n in range(count):
        item = "b" if n % 8 >= 6 else "a"
        reward = 1.0 if item == "b" or n % 8 < 3 else 0.0
        rows.append((f"s{n:05}", 0, item, 0.25 if item == "b" else 0.75, reward))
        policy += [(f"s{n:05}", 0, "a", 0.5), (f"s{n:05}", 0, "b", 0.5)]
    return logged(rows), offered(policy)
