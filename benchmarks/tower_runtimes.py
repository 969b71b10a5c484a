"""Compare ways to run an exported customer tower: NumPy, LiteRT, a traced TensorFlow function, Keras.

    python benchmarks/tower_runtimes.py [--items 15000] [--batch 1 64]

The tower has the default sizes and random weights; its time does not depend on what it has learnt. All of them get the
same customers, and the largest difference from NumPy is printed beside the time. Each batch is measured in a process of
its own, because a converter that crashes takes its process with it.
"""

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import polars as pl
import tensorflow as tf

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.config.models import TwoTowerConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.log import Log
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.models.two_tower import TwoTower

CUSTOMERS, EVENTS, REPEATS = 500, 120, 500


def invented(items: int) -> Dataset:
    """Return customers with a past and seven categories, and items with five, as Complete Journey has."""
    random = np.random.default_rng(0)
    owners = np.repeat(np.arange(CUSTOMERS), EVENTS)
    interactions = pl.DataFrame(
        {
            "customer_id": owners.astype(str),
            "item_id": np.concatenate([np.arange(items), random.integers(0, items, max(len(owners) - items, 0))])[
                : len(owners)
            ].astype(str),
            "timestamp": random.uniform(0, 3e7, len(owners)),
            "value": np.ones(len(owners), np.float32),
        }
    )
    log = Log(
        interactions=interactions,
        customers=_described("customer_id", CUSTOMERS, 7, random),
        items=_described("item_id", items, 5, random),
        columns={
            "customers": {f"c{n}": ColumnKind.CATEGORY for n in range(7)},
            "items": {f"c{n}": ColumnKind.CATEGORY for n in range(5)},
        },
        feedback=FeedbackKind.IMPLICIT,
        repeats=True,
        rating_scale=None,
        report=None,
    )
    return build_dataset(log, seed=0)


def _described(name: str, count: int, columns: int, random: np.random.Generator) -> pl.DataFrame:
    values = {f"c{n}": random.integers(0, 10, count).astype(str) for n in range(columns)}
    return pl.DataFrame({name: np.arange(count).astype(str), **values})


Run = Callable[[], np.ndarray]


def runtimes(model: TwoTower, dataset: Dataset, batch: int) -> dict[str, Callable[[], Run]]:
    """Return for each way a function that makes it ready to run; all of the same customers, vectors of unit length."""
    rows = np.arange(1, batch + 1, dtype=np.int32)
    history = dataset.events.take(rows)
    twin = model.export_customers()
    features = dataset.customer_features.take(rows)
    padded = history.padded(twin.position_weights.shape[1])
    vectors = tf.constant(twin.history_items)

    def towers(rows: tf.Tensor, padded: tf.Tensor) -> tf.Tensor:
        return model.customers(rows, padded, tf.gather(vectors, padded))

    signature = [tf.TensorSpec([batch], tf.int32), tf.TensorSpec(padded.shape, tf.int32)]
    traced = tf.function(towers, input_signature=signature)
    inputs = tf.constant(rows), tf.constant(padded)
    scale = np.float32(twin.inverse_temperature)
    return {
        "numpy": lambda: lambda: twin(rows, features, history)[:, :-1] / scale,
        "litert": partial(_litert, traced, rows, padded),
        "traced tf": lambda: lambda: traced(*inputs).numpy(),
        "keras": lambda: lambda: towers(*inputs).numpy(),
    }


def _litert(traced: tf.types.experimental.GenericFunction, rows: np.ndarray, padded: np.ndarray) -> Run:
    concrete = traced.get_concrete_function()
    content = tf.lite.TFLiteConverter.from_concrete_functions([concrete], traced).convert()
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    places = {tuple(detail["shape"]): detail["index"] for detail in interpreter.get_input_details()}
    output = interpreter.get_output_details()[0]["index"]

    def run() -> np.ndarray:
        interpreter.set_tensor(places[rows.shape], rows)
        interpreter.set_tensor(places[padded.shape], padded)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    return run


def measure(items: int, batch: int) -> None:
    """Print the median time of each way for one size of batch."""
    # The interpreter inside TensorFlow says that it will be a package of its own.
    warnings.filterwarnings("ignore", message="(?s).*tf.lite.Interpreter is deprecated")
    dataset = invented(items)
    ways = runtimes(TwoTower(dataset, TwoTowerConfig(), seed=0), dataset, batch)
    reference = ways["numpy"]()()
    for name, prepare in ways.items():
        run = prepare()
        difference = float(np.abs(run() - reference).max())
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            run()
            times.append(time.perf_counter() - started)
        print(
            f"batch {batch:>3}  {name:<10} {1000 * np.median(times):7.3f} ms   difference {difference:.1e}", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=15_000)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8, 32, 64])
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, TensorFlow {tf.__version__}", flush=True)
    for batch in arguments.batch:
        process = get_context("spawn").Process(target=measure, args=(arguments.items, batch))
        process.start()
        process.join()
        if process.exitcode:
            print(f"batch {batch:>3}  ended with exit code {process.exitcode}", flush=True)


if __name__ == "__main__":
    main()
