"""Errors of training.

TrainingError              anything a user of the program can put right
├── ConfigError            the TOML file says something that cannot be meant
├── DataError              a table cannot be read as the data contract says
├── FetchError             a public data set cannot be fetched or unpacked
├── WarmStartError         a bundle that this training cannot go on from
├── OutputError            what was made cannot be written where it should go
├── OverlapError           a log tells too little of a policy to judge it
├── BenchmarkError         a benchmark task is none, a method does not exist, fails, or breaks the task's rules
└── DemoError              the machine lacks something that the demo needs, or its server does not start
"""

from pathlib import Path


class TrainingError(Exception):
    """Be the base of every error that a user can put right; the message alone is enough to do so."""

    user_message = True
    """The program prints the message and no traceback."""


class ConfigError(TrainingError):
    """Say which setting of the TOML file is wrong, and what it may be."""


class FetchError(TrainingError):
    """Say which data set could not be fetched, from where, and what else to try."""


class WarmStartError(TrainingError):
    """Say why a training cannot go on from a bundle: which setting, column or part does not fit."""


class OutputError(TrainingError):
    """Say what cannot be written where, and what to do."""


class OverlapError(TrainingError):
    """Say how little a log tells of a policy, and how much would be needed."""


class BenchmarkError(TrainingError):
    """Say what cannot be compared, and why."""


class DemoError(TrainingError):
    """Say what keeps the demo from going on, and the fix."""


class DataError(TrainingError):
    """Say what is wrong with the data, where, and what to do.

    Attributes:
        problem: What was wrong, with the value.
        file: The file that holds it.
        column: The column, where one is to blame.
        row: The data row, 1-based, the header not counted.
        remedy: What to do.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        column: str | None = None,
        row: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else Path(file)
        self.column = column
        self.row = row
        self.remedy = remedy
        super().__init__(self._text())

    def _text(self) -> str:
        place = [
            *([str(self.file)] if self.file else []),
            *([f"column '{self.column}'"] if self.column is not None else []),
            *([f"row {self.row:,}"] if self.row is not None else []),
        ]
        where = ", ".join(place)
        text = f"{where}: {self.problem}" if where else self.problem
        return f"{text}. {self.remedy}" if self.remedy else text
