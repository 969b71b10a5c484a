"""The windows of a run, and the clock of its log."""

from shortlist_bundle.state.clock import Clock
from shortlist_training.config.run import SplitConfig
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.retrieval.batches import training_clock
from shortlist_training.split.plan import SplitKind, SplitPlan, plan_split


def cut_windows(dataset: Dataset, config: SplitConfig) -> tuple[SplitPlan, Clock]:
    """Cut the windows, and set the clock by the moments at which they ask.

    Raises:
        ConfigError: The log cannot be split as the configuration asks.
    """
    kind = SplitKind(config.kind) if config.kind else None
    plan = plan_split(dataset, kind, share=config.share)
    # In a split by last events the moment of a future request is unknown: a typical gap stands for it.
    clock = training_clock(dataset, plan.scorer, typical=0.99 if plan.kind is SplitKind.TIME else 0.5)
    return plan, clock
