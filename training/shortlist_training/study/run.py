"""The whole of a study: log -> trials -> the configuration of the best."""

from shortlist_training.config.run import RunConfig
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log.log import Log
from shortlist_training.progress import Progress
from shortlist_training.study.files import Files
from shortlist_training.study.fingerprint import fingerprints
from shortlist_training.study.found import Found
from shortlist_training.study.journal import Journal
from shortlist_training.study.pace import Pace
from shortlist_training.study.rendering import file_text
from shortlist_training.study.search import search
from shortlist_training.study.space import Space
from shortlist_training.study.trial import check_ranked, first_pair_measure


def run_study(
    log: Log, config: RunConfig, files: Files, pace: Pace, progress: Progress, *, most: int | None = None
) -> Found:
    """Search settings around a configuration, and write the best.

    Args:
        log: as read.
        config: that the search starts from.
        files: that it writes; a study that is there already is gone on with.
        pace: the budget.
        progress: where it is shown.
        most: trials of this search; None for as many as the budget allows.

    Raises:
        ConfigError: The study was made for something else, or the log cannot be split as the configuration asks.
        DataError: Nothing can be learnt about ranking from the log.
        OutputError: A file cannot be written.
    """
    check_ranked(log)
    dataset, space = build_dataset(log, seed=config.seed, context=config.two_tower.context), Space(config)
    journal = Journal(files.study, space, fingerprints(dataset, space))
    if earlier := journal.trials():
        progress.say(f"study: goes on after {len(earlier)} trials in {files.study}")
    found = search(journal, first_pair_measure(dataset, config, progress), pace, progress, most=most)
    files.write(file_text(found))
    return found
