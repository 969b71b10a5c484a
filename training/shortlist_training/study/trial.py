"""One trial: a configuration, and how good a retriever and a scorer it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import DataError
from shortlist_training.log.feedback import FeedbackKind
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress
from shortlist_training.run import seed_everything
from shortlist_training.stages.budget import TimeBudget
from shortlist_training.stages.first_pair import fit_first_pair
from shortlist_training.stages.windows import cut_windows

FIGURE = "ndcg@20"
"""What is searched for: of the reranked lists on the tuning window, the figure at which the scorer stops early."""

Measure = Callable[[RunConfig], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial that came to its end.

    Attributes:
        number: counted from 1.
        figure: nDCG@20 on the tuning window.
        seconds: that it took.
        settings: the searched ones, by section and name.
    """

    number: int
    figure: float
    seconds: float
    settings: Mapping[str, Any]


def check_ranked(log: Log) -> None:
    """Refuse a log from which nothing is learnt about order.

    Raises:
        DataError: It holds ratings alone.
    """
    if log.feedback is FeedbackKind.RATINGS:
        raise DataError(
            "the log holds ratings alone, and what is searched are the settings of ranking",
            remedy='Where a rating also says that the item was taken, set feedback = "both" in [data]',
        )


def first_pair_measure(dataset: Dataset, config: RunConfig, progress: Progress) -> Measure:
    """Return what measures configurations on a log's tuning window; the window that is judged stays unseen.

    Args:
        dataset: the log.
        config: says how the log is split, which no configuration that is measured may say differently.
        progress: where the fits are shown.

    Raises:
        ConfigError: The log cannot be split as the configuration asks.
    """
    import keras

    plan, clock = cut_windows(dataset, config.split)
    progress.say(f"split: {plan.kind.value}, because {plan.reason}")

    def measure(tried: RunConfig) -> float:
        # What earlier trials left behind in Keras only takes up memory.
        keras.utils.clear_session()
        seed_everything(tried)
        pair = fit_first_pair(dataset, plan, clock, tried, progress, TimeBudget(tried.budget_minutes))
        figure = pair.scorer.record.figure
        if figure is None:
            raise DataError(
                "the log is too small to search settings: its tuning window, or those before it, hold nothing that "
                "any source proposed",
                remedy="Train with the settings as they are",
            )
        return figure

    return measure
