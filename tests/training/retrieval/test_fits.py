from dataclasses import replace

import numpy as np
from small_logs import all_events, dataset_of, timeless
from untuned import untuned

from shortlist_training.config.run import RunConfig, SplitConfig
from shortlist_training.retrieval.fits import FitSettings, fit_each, fit_one
from shortlist_training.retrieval.linear import PENALTIES
from shortlist_training.retrieval.successors import SHAPES
from shortlist_training.retrieval.tuning import tuned
from shortlist_training.stages.windows import cut_windows


def log_of_threes(*, forward, seed=0):
    """Plant threes of items that are taken one after another, always in the same order or in any."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(400):
        starts = random.integers(0, 58, 6) if forward else 3 * random.integers(0, 20, 6)
        order = [range(3) if forward else random.permutation(3) for _ in starts]
        taken = [start + step for start, steps in zip(starts, order, strict=True) for step in steps]
        rows += [(f"c{customer:03}", f"i{item:02}", float(n)) for n, item in enumerate(taken[: 12 + customer % 5])]
    return dataset_of(rows)


def chosen_shape(dataset):
    plan, clock = cut_windows(dataset, SplitConfig(kind="last"))
    fits = {"sequence": fit_each(dataset, plan.given, RunConfig())["sequence"]}
    retriever = untuned(dataset, plan.given)
    retriever = replace(retriever, counting={**retriever.counting, "sequence": fits["sequence"][0]})
    return SHAPES[tuned(retriever, dataset, plan.tune, clock, seed=0, fits=fits)[1]["sequence"]]


def test_each_fit_is_the_one_of_its_setting():
    dataset = log_of_threes(forward=True)
    limits = all_events(dataset)
    each = fit_each(dataset, limits, RunConfig())
    assert [len(each["sequence"]), len(each["linear"])] == [len(SHAPES), len(PENALTIES)]
    for number, shape in enumerate(SHAPES):
        settings = FitSettings(shape=shape, penalty=PENALTIES[min(number, len(PENALTIES) - 1)])
        one = fit_one(dataset, limits, RunConfig(), settings)
        assert one["sequence"].weights.tolist() == each["sequence"][number].weights.tolist()
        assert one["linear"].weights.tolist() == each["linear"][PENALTIES.index(settings.penalty)].weights.tolist()


def test_a_log_without_times_has_no_sequence():
    dataset = timeless([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")])
    assert set(fit_each(dataset, all_events(dataset), RunConfig())) == {"linear"}
    assert set(fit_one(dataset, all_events(dataset), RunConfig(), FitSettings())) == {"linear"}


def test_the_tuning_window_says_whether_order_counts():
    for forward, back in ((True, 0.0), (False, 1.0)):
        assert chosen_shape(log_of_threes(forward=forward)).back == back
