"""The files that a search writes: checked before hours of work, not after."""

from dataclasses import dataclass
from pathlib import Path

from shortlist_training.errors import ConfigError, OutputError

SUFFIX = ".study"


@dataclass(frozen=True, slots=True)
class Files:
    """Where the best configuration and the study go."""

    out: Path
    study: Path

    @classmethod
    def of(cls, out: Path, study: Path | None, *, base: Path | None) -> "Files":
        """Return the files of a search, and make the folders that they will be in.

        Args:
            out: for the best configuration.
            study: None for beside `out`.
            base: file of the configuration that the search starts from, if it has one.

        Raises:
            ConfigError: Two of the files are one.
            OutputError: A file cannot be written where it should go.
        """
        found = cls(out, study or out.with_suffix(SUFFIX))
        if base is not None and base.resolve() in (out.resolve(), found.study.resolve()):
            raise ConfigError(f"{base}: the search starts from this file. Name another for what it writes")
        if out.resolve() == found.study.resolve():
            raise ConfigError(f"{out}: cannot be both the configuration and the study. Name another with --study")
        for path in (found.out, found.study):
            _check_place(path)
        return found

    def write(self, text: str) -> None:
        """Write the best configuration, over that of an earlier search.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            self.out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.out}: cannot be written: {error.strerror or error}") from error


def _check_place(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder. Name a file")
