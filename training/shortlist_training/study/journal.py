"""The file in which a study keeps its trials, so that a later search goes on where an earlier one stopped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState

from shortlist_training.errors import ConfigError, OutputError
from shortlist_training.study.space import Space
from shortlist_training.study.trial import Trial

NAME = "shortlist tune"
SECONDS = "seconds"
FOREIGN = {
    "data": "for other data",
    "configuration": "from another configuration or seed",
    "space": "by a version of Shortlist that searches other settings",
}
"""Fingerprint -> how a study was made in which it differs."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Settings to be measured, and the open trial of the study."""

    settings: Mapping[str, Any]
    trial: optuna.Trial


class Journal:
    """A study in Optuna's journal file.

    Settings are drawn by tree-structured Parzen estimators: Bergstra, Bardenet, Bengio and Kégl 2011, "Algorithms for
    Hyper-Parameter Optimization",
    https://papers.nips.cc/paper/2011/hash/86e8f7ab32cfd12577bc2619bc635690-Abstract.html

    Args:
        path: of the file; made if it is not there.
        space: what is searched.
        fingerprints: of what the study is for.

    Raises:
        ConfigError: The file is no study, or one that was made for something else.
        OutputError: The file cannot be read or written.
    """

    def __init__(self, path: Path, space: Space, fingerprints: Mapping[str, str]) -> None:
        self.path, self.space = path, space
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            _check_journal(path)
            self._study = _opened(path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be used for a study: {error.strerror or error}") from error
        self._claim(fingerprints)

    def _claim(self, fingerprints: Mapping[str, str]) -> None:
        said = self._study.user_attrs
        for name, fingerprint in fingerprints.items():
            if said.get(name, fingerprint) != fingerprint:
                raise ConfigError(
                    f"{self.path}: this study was made {FOREIGN[name]}. Name another file with --study, or remove this"
                )
        for name in fingerprints.keys() - said.keys():
            self._study.set_user_attr(name, fingerprints[name])

    def trials(self) -> list[Trial]:
        """Return the trials that came to their end, oldest first; the first is the configuration as it is."""
        complete = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return [
            Trial(
                number=number,
                figure=float(entry.value or 0.0),
                seconds=float(entry.user_attrs[SECONDS]),
                settings=self.space.settings(entry.params),
            )
            for number, entry in enumerate(complete, 1)
        ]

    def draw(self) -> Draw:
        """Return the next settings, the same however often the search was interrupted on its way to them."""
        states = [entry.state for entry in self._study.get_trials(deepcopy=False)]
        # What a process died of stays open, and counts: the next draw is another one.
        begun = len(states) - states.count(TrialState.FAIL)
        seed = int(np.random.SeedSequence([self.space.base.seed, begun]).generate_state(1)[0])
        # The liar would hold open trials for bad ones, and they may only have been unlucky.
        self._study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=False)
        if TrialState.COMPLETE not in states and TrialState.WAITING not in states:
            self._study.enqueue_trial(self.space.drawn(self.space.start))
        trial = self._study.ask(self.space.distributions)
        return Draw(self.space.settings(trial.params), trial)

    def keep(self, draw: Draw, *, figure: float, seconds: float) -> None:
        """Write down what a draw was worth and how long that took to find out."""
        draw.trial.set_user_attr(SECONDS, round(seconds, 3))
        self._study.tell(draw.trial, figure)

    def drop(self, draw: Draw) -> None:
        """Write down that nobody waited for a draw's figure; it will be drawn again."""
        self._study.tell(draw.trial, state=TrialState.FAIL)

    def pass_over(self, draw: Draw) -> None:
        """Write down that a draw cannot be measured on this log; it will not be drawn again."""
        self._study.tell(draw.trial, state=TrialState.PRUNED)


def _check_journal(path: Path) -> None:
    """Refuse a file that is no journal: Optuna would write behind whatever stands there."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    if not all(line.endswith(b"\n") and _is_entry(line) for line in lines):
        raise ConfigError(f"{path}: this is not the file of a study, or it is damaged. Name another with --study")


def _is_entry(line: bytes) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and "op_code" in entry


def _opened(path: Path) -> optuna.Study:
    # The lock is a file of its own rather than a symbolic link, which not every file system has.
    storage = JournalStorage(JournalFileBackend(str(path), lock_obj=JournalFileOpenLock(str(path))))
    return optuna.create_study(storage=storage, study_name=NAME, direction="maximize", load_if_exists=True)
