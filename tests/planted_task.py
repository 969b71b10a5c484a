"""A small benchmark task: four kinds of customers, who take the ten items of their kind and little else."""

import json

import numpy as np
import polars as pl

CUSTOMERS, ITEMS, KINDS, HISTORY = 60, 40, 4, 7
SIZE = ITEMS // KINDS
DAY = 86_400.0


def planted_task(root, name="planted-rehearsal", *, seed=0, k=3):
    """Write the task: part `new` asks for the rest of a customer's kind, `all` also for what was taken before."""
    folder, random = root / name, np.random.default_rng(seed)
    (folder / "data").mkdir(parents=True)
    events, new, every = [], [], []
    for customer in range(CUSTOMERS):
        own = [SIZE * (customer % KINDS) + int(n) for n in random.permutation(SIZE)]
        for place, item in enumerate(own[:HISTORY]):
            events.append((f"c{customer:02}", f"i{item:02}", 1e9 + DAY * place + customer))
        new += [(f"c{customer:02}", f"i{item:02}") for item in own[HISTORY:]]
        every += [(f"c{customer:02}", f"i{item:02}") for item in own[HISTORY - 1 :]]
    write(folder / "data/interactions.parquet", events, "customer_id", "item_id", "timestamp")
    write(folder / "data/items.parquet", [(f"i{item:02}",) for item in range(ITEMS)], "item_id")
    write(folder / "targets-new.parquet", new, "customer_id", "item_id")
    write(folder / "targets-all.parquet", every, "customer_id", "item_id")
    (folder / "task.json").write_text(json.dumps({"k": k, "seen_allowed": {"new": False, "all": True}}))
    return folder


def write(file, rows, *columns):
    pl.DataFrame(rows, schema=list(columns), orient="row").write_parquet(file)
