"""Choose how to split a log, and cut its windows.

The windows of a plan follow each other, newest last: ..., scorer, tune, judge. Each has everything before it given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.state.histories import Histories
from shortlist_training.dataset.dataset import Dataset
from shortlist_training.errors import ConfigError
from shortlist_training.split.window import Window


class SplitKind(Enum):
    """How a log is cut."""

    TIME = "time"
    LAST = "last"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """Windows of equal reach, newest last.

    Attributes:
        kind: by a global time, by each customer's last events, or at random per customer.
        reason: why this kind, in plain English, for the report.
        windows: oldest first; the last is judged on, the one before tunes, and the scorer learns from all before them.
        length: seconds (time), events (last) or share (random) of one window.
    """

    kind: SplitKind
    reason: str
    windows: tuple[Window, ...]
    length: float

    @property
    def judge(self) -> Window:
        """The newest window: judged once, never tuned on."""
        return self.windows[-1]

    @property
    def tune(self) -> Window:
        """The window before it: early stopping and every choice."""
        return self.windows[-2]

    @property
    def scorers(self) -> tuple[Window, ...]:
        """The windows before that: the scorer's first labels, oldest first."""
        return self.windows[:-2]

    @property
    def scorer(self) -> Window:
        """The newest of these, in which every customer of the others is asked too."""
        return self.windows[-3]

    @property
    def given(self) -> NDArray[np.int64]:
        """What the first retriever may see, int64 [M + 1]: each customer's events before all windows."""
        return self.windows[0].starts


WINDOWS = 3
WINDOW_SHARE = 1 / 12
"""A time window's share of the log: long enough for targets, short enough to leave most of the log for training."""
MIN_WARM_CUSTOMERS = 0.3
MIN_WARM_EVENTS = 0.4
MIN_JUDGED_CUSTOMERS = 50
SCORER_EVENTS = 5
"""Events of each customer that the scorer learns from in a split by last events: one alone is a weak lesson."""


def plan_split(dataset: Dataset, kind: SplitKind | None = None, *, share: float = 0.1) -> SplitPlan:
    """Choose the kind of split from the data, unless told, and cut the windows.

    A global time window is the honest one wherever it keeps enough customers that have a past and a future. Many logs
    do not: in a panel of one-session visitors nobody is there before and after. There each customer's last events are
    cut off instead. A log without times is cut at random within each customer.

    Args:
        dataset: the log.
        kind: None to choose.
        share: of each customer's events in one window, where the split is random.

    Raises:
        ConfigError: A split by time is asked for, and the log has no times.
    """
    if kind is SplitKind.TIME and not dataset.has_times:
        raise ConfigError('[split] kind = "time": the log has no times. Choose "last" or "random", or leave it out')
    if kind is SplitKind.RANDOM or (kind is None and not dataset.has_times):
        reason = "asked for" if kind else "the log has no times"
        return SplitPlan(kind=SplitKind.RANDOM, reason=reason, windows=_share_windows(dataset, share), length=share)
    if kind is SplitKind.LAST:
        return SplitPlan(kind=kind, reason="asked for", windows=_last_windows(dataset), length=1)
    windows, length = _time_windows(dataset), (dataset.span()[1] - dataset.span()[0]) * WINDOW_SHARE
    if kind is SplitKind.TIME:
        return SplitPlan(kind=kind, reason="asked for", windows=windows, length=length)
    warm, verdict = _verdict(dataset.events, windows)
    if warm:
        return SplitPlan(kind=SplitKind.TIME, reason=verdict, windows=windows, length=length)
    return SplitPlan(kind=SplitKind.LAST, reason=verdict, windows=_last_windows(dataset), length=1)


def _verdict(events: Histories, windows: tuple[Window, ...]) -> tuple[bool, str]:
    """Say whether global time windows keep enough customers: with a past before the first, and targets in each."""
    active = int((events.lengths > 1).sum())
    for window in windows:
        judged = window.rows
        warm = judged[window.starts[judged] > 0]
        customers = len(warm) / max(active, 1)
        asked = (window.stops - window.starts)[judged].sum()
        share = (window.stops - window.starts)[warm].sum() / max(asked, 1)
        if len(warm) < MIN_JUDGED_CUSTOMERS or customers < MIN_WARM_CUSTOMERS or share < MIN_WARM_EVENTS:
            return False, (
                f"a global time window would keep {len(warm):,} customers with a past and a future "
                f"({customers:.0%} of the active ones, {share:.0%} of the window's events)"
            )
    return True, "enough customers have both a past and a future around each time window"


def _time_windows(dataset: Dataset) -> tuple[Window, ...]:
    start, end = dataset.span()
    # Computed like the borders of the item counts, so that a window starts at one of them to the last bit.
    borders = np.linspace(start, end, round(1 / WINDOW_SHARE) + 1)[-1 - WINDOWS : -1]
    # The last event of the log belongs to the last window.
    stops = [*borders[1:], np.inf]
    return tuple(_time_window(dataset.events, a, b) for a, b in zip(borders, stops, strict=True))


def _time_window(events: Histories, start: float, stop: float) -> Window:
    return Window(
        starts=_positions(events, lambda times: times < start),
        stops=_positions(events, lambda times: times < stop),
        as_of=np.full(len(events), start),
    )


def _positions(events: Histories, before: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> NDArray[np.int64]:
    return np.bincount(events.owners, weights=before(events.times), minlength=len(events)).astype(np.int64)


def _last_windows(dataset: Dataset) -> tuple[Window, ...]:
    """Cut each customer's last event, the one before, and a few before that, one by one, for the scorer to learn from.

    A customer with too few events is left whole for training: nobody is asked about who has no past.
    """
    events = dataset.events
    windows, stops = [], events.lengths
    for back in range(2 + SCORER_EVENTS):
        # At most a quarter of the events teach the scorer, and at least one.
        asked = (events.lengths > WINDOWS) & (back < 2 + np.maximum(events.lengths // 4, 1))
        starts = stops - asked
        windows.append(Window(starts=starts, stops=stops, as_of=asked_at(dataset, starts)))
        stops = starts
    return tuple(reversed(windows))


def _share_windows(dataset: Dataset, share: float) -> tuple[Window, ...]:
    """Cut shares off the end of each customer's events, which without times stand in an order drawn at random."""
    lengths = dataset.events.lengths
    size = np.ceil(lengths * share).astype(np.int64)
    keep = lengths > WINDOWS * size
    windows = []
    for back in range(WINDOWS, 0, -1):
        starts = np.where(keep, lengths - back * size, lengths)
        stops = np.where(keep, lengths - (back - 1) * size, lengths)
        windows.append(Window(starts=starts, stops=stops, as_of=asked_at(dataset, starts)))
    return tuple(windows)


def asked_at(dataset: Dataset, starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the moment of each customer's event at these places, float64 [M + 1]; 0 in a log without times."""
    events = dataset.events
    if not dataset.has_times or not len(events.times):
        return np.zeros(len(events))
    position = np.minimum(events.offsets[:-1] + starts, len(events.times) - 1)
    return events.times[position]
