"""Trial after trial, until the time is up."""

from shortlist_training.errors import DataError
from shortlist_training.progress import Progress
from shortlist_training.study.found import Found, best_of
from shortlist_training.study.journal import Journal
from shortlist_training.study.pace import Pace
from shortlist_training.study.trial import FIGURE, Measure, Trial

WHY = {
    "trials": "as many trials as were asked for",
    "budget": "one more trial would overrun the budget",
    "interrupted": "interrupted; what was found so far is kept",
}


def search(journal: Journal, measure: Measure, pace: Pace, progress: Progress, *, most: int | None = None) -> Found:
    """Try settings until the budget is used up; the configuration as it is comes first.

    Args:
        journal: of the study, which may have trials already.
        measure: configuration -> figure.
        pace: the budget.
        progress: where it is shown.
        most: trials of this search; None for as many as the budget allows.

    Raises:
        DataError: The first configuration cannot be measured on the log; a later one that cannot is passed over.
        KeyboardInterrupt: Before any trial of the study came to its end.
    """
    stopped, done = "", 0
    try:
        while not (stopped := _reason_to_stop(journal.trials(), pace, done, most)):
            _trial(journal, measure, pace, progress)
            done += 1
    except KeyboardInterrupt:
        if not journal.trials():
            raise
        stopped = "interrupted"
    progress.say(f"stopped: {WHY[stopped]}")
    trials = tuple(journal.trials())
    return Found(trials=trials, config=journal.space.config(best_of(trials).settings), stopped=stopped)


def _reason_to_stop(trials: list[Trial], pace: Pace, done: int, most: int | None) -> str:
    if done == most:
        return "trials"
    return "" if pace.allows([trial.seconds for trial in trials]) else "budget"


def _trial(journal: Journal, measure: Measure, pace: Pace, progress: Progress) -> None:
    number = len(journal.trials()) + 1
    progress.say(f"trial {number}" + (": the configuration as it is" if number == 1 else ""))
    draw, start = journal.draw(), pace.clock()
    try:
        figure = measure(journal.space.config(draw.settings))
    except KeyboardInterrupt:
        journal.drop(draw)
        raise
    except DataError as error:
        # The configuration as it is tells whether the log will do; after it, only the settings can be at fault.
        if number == 1:
            journal.drop(draw)
            raise
        journal.pass_over(draw)
        progress.say(f"trial passed over: {error}")
        return
    seconds = pace.clock() - start
    journal.keep(draw, figure=figure, seconds=seconds)
    best = best_of(journal.trials())
    progress.say(
        f"trial {number}: {FIGURE} {figure:.4f} in {seconds:.0f} s (best: trial {best.number}, {best.figure:.4f})"
    )
