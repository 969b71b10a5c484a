"""Rounds of training with early stopping on a figure that rises as the model gets better."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from shortlist_training.fitting.ahead import drawn_ahead
from shortlist_training.progress import Bar

Step = Callable[..., Any]
_Batch = TypeVar("_Batch")


STEPS_PER_ROUND = 20
SMALLEST_BATCH = 32


def batch_size(examples: int, wanted: int) -> int:
    """Return the batch size of a round: as wanted, but smaller where a small log would make fewer than 20 steps."""
    return max(1, min(wanted, examples, max(examples // STEPS_PER_ROUND, SMALLEST_BATCH)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: mean loss, the figure on the tuning window (None if not measured), seconds."""

    loss: float
    figure: float | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRecord:
    """What happened in a fit.

    Attributes:
        rounds: every round in order.
        best: number of rounds after which the weights were best; those weights were kept.
        stopped: "rounds" (all were trained), "figure" (it got no better), or "budget" (time was up).
    """

    rounds: tuple[Round, ...]
    best: int
    stopped: str

    @property
    def figure(self) -> float | None:
        """The figure on the tuning window of the weights that were kept; None where nothing was measured."""
        return self.rounds[self.best - 1].figure if self.best else None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON for the bundle's metrics; seconds, which differ from run to run, are left out."""
        return {
            "rounds": self.best,
            "trained": len(self.rounds),
            "stopped": self.stopped,
            "loss": [round(entry.loss, 6) for entry in self.rounds],
            "tuning": [None if entry.figure is None else round(entry.figure, 6) for entry in self.rounds],
        }


def fit_rounds(
    step: Step,
    batches: Callable[[int], Iterable[tuple[Any, ...]]],
    *,
    rounds: int,
    weights: Sequence[Any],
    bar: Bar,
    measure: Callable[[], float] | None = None,
    patience: int = 2,
    deadline: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    earlier: FitRecord | None = None,
    last: int | None = None,
) -> FitRecord:
    """Train round by round and keep the best weights.

    Args:
        step: one optimiser step, returns the loss.
        batches: round number -> that round's batches; the first element of each has the batch as its first axis.
        rounds: at most so many.
        weights: variables to restore to their best values.
        bar: shows examples done, and the loss.
        measure: figure on the tuning window, higher is better; None trains exactly `rounds`.
        patience: rounds without a better figure before it stops.
        deadline: moment after which no further step is taken; a round that would end later is not begun, unless it is
            the first.
        clock: of the deadline.
        earlier: rounds that were trained before, the last of them the best; these go on from there.
        last: round after which to pause; None for none.
    """
    history: list[Round] = [*earlier.rounds] if earlier else []
    best, best_figure, kept = len(history), -np.inf, None
    if history and history[-1].figure is not None:
        best_figure, kept = history[-1].figure, [weight.numpy() for weight in weights]
    stopped = "rounds"
    for number in range(len(history), rounds if last is None else min(last, rounds)):
        start = clock()
        drawn = drawn_ahead(batches(number))
        losses = [
            _stepped(step, batch, bar) for batch in (drawn if deadline is None else _until(deadline, drawn, clock))
        ]
        figure = measure() if measure else None
        mean = float(np.mean([float(loss) for loss in losses])) if losses else 0.0
        history.append(Round(loss=mean, figure=figure, seconds=clock() - start))
        if figure is None or figure > best_figure:
            best, best_figure = number + 1, figure if figure is not None else -np.inf
            kept = [weight.numpy() for weight in weights] if measure else None
        if figure is not None:
            bar.note(f"tuning {figure:.4f} (best {best_figure:.4f})")
        if measure and number + 1 - best >= patience:
            stopped = "figure"
            break
        if deadline is not None and clock() + history[-1].seconds > deadline and number + 1 < rounds:
            stopped = "budget"
            break
    if kept is not None:
        for weight, value in zip(weights, kept, strict=True):
            weight.assign(value)
    return FitRecord(rounds=tuple(history), best=best, stopped=stopped)


def _until(deadline: float, batches: Iterable[_Batch], clock: Callable[[], float]) -> Iterator[_Batch]:
    """Yield the first batch, and further ones while there is time."""
    for batch in batches:
        yield batch
        if clock() >= deadline:
            return


def _stepped(step: Step, batch: tuple[Any, ...], bar: Bar) -> Any:
    loss = step(*batch)
    bar.advance(len(batch[0]), loss=float(loss))
    return loss
