"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO


class Bar(Protocol):
    """One stage of long work."""

    def advance(self, done: int, *, loss: float | None = None) -> None:
        """Say that `done` more units are finished."""
        ...

    def note(self, text: str) -> None:
        """Show a short remark beside the bar, e.g. the figure on the tuning window."""
        ...


class Progress(Protocol):
    """Where stages are shown."""

    def stage(self, name: str, total: int) -> AbstractContextManager[Bar]:
        """Open a stage of `total` units."""
        ...

    def say(self, text: str) -> None:
        """Print one line."""
        ...


class Silent:
    """Shows nothing: for tests and for callers with a display of their own."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator["Silent"]:
        """See `Progress.stage`."""
        yield self

    def say(self, text: str) -> None:
        """See `Progress.say`."""

    def advance(self, done: int, *, loss: float | None = None) -> None:
        """See `Bar.advance`."""

    def note(self, text: str) -> None:
        """See `Bar.note`."""


class Lines:
    """Plain lines, at most one every few seconds: for logs and pipes."""

    def __init__(self, out: TextIO | None = None, *, every: float = 5.0) -> None:
        self.out = out or sys.stderr
        self.every = every

    def say(self, text: str) -> None:
        """See `Progress.say`."""
        print(text, file=self.out, flush=True)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator["LinesBar"]:
        """See `Progress.stage`."""
        bar = LinesBar(self, name, total)
        yield bar
        bar.close()


class LinesBar:
    """One stage in plain lines."""

    def __init__(self, lines: Lines, name: str, total: int) -> None:
        self.lines, self.name, self.total = lines, name, max(total, 1)
        self.done, self.loss, self.remark = 0, None, ""  # type: int, float | None, str
        self.start = self.said = time.monotonic()

    def advance(self, done: int, *, loss: float | None = None) -> None:
        """See `Bar.advance`."""
        self.done += done
        self.loss = loss if loss is not None else self.loss
        if time.monotonic() - self.said > self.lines.every:
            self._line()

    def note(self, text: str) -> None:
        """See `Bar.note`."""
        self.remark = text

    def close(self) -> None:
        """Say how the stage ended."""
        seconds = time.monotonic() - self.start
        self.lines.say(f"{self.name}: done in {seconds:.1f} s{self._details()}")

    def _line(self) -> None:
        self.said = time.monotonic()
        speed = self.done / max(self.said - self.start, 1e-9)
        self.lines.say(f"{self.name}: {self.done / self.total:.0%}, {speed:,.0f}/s{self._details()}")

    def _details(self) -> str:
        loss = f", loss {self.loss:.4f}" if self.loss is not None else ""
        return f"{loss}, {self.remark}" if self.remark else loss


class Terminal:
    """Bars with loss, speed and time left, drawn by rich."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(stderr=True)

    def say(self, text: str) -> None:
        """See `Progress.say`."""
        self.console.print(text, markup=False, highlight=False)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator["TerminalBar"]:
        """See `Progress.stage`."""
        from rich import progress

        columns = (
            progress.TextColumn("{task.description:<28}"),
            progress.BarColumn(24),
            progress.TaskProgressColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.fields[details]}"),
        )
        with progress.Progress(*columns, console=self.console) as shown:
            yield TerminalBar(shown, shown.add_task(name, total=max(total, 1), details=""))


class TerminalBar:
    """One stage on a terminal."""

    def __init__(self, shown: "object", task: int) -> None:
        self.shown, self.task = shown, task
        self.loss: float | None = None
        self.remark = ""
        self.start, self.done = time.monotonic(), 0

    def advance(self, done: int, *, loss: float | None = None) -> None:
        """See `Bar.advance`."""
        self.done += done
        self.loss = loss if loss is not None else self.loss
        speed = f"{self.done / max(time.monotonic() - self.start, 1e-9):,.0f}/s"
        loss_text = f"loss {self.loss:.4f}" if self.loss is not None else ""
        details = "  ".join(part for part in (speed, loss_text, self.remark) if part)
        self.shown.update(self.task, advance=done, details=details)  # type: ignore[attr-defined]

    def note(self, text: str) -> None:
        """See `Bar.note`."""
        self.remark = text


def progress_for(out: TextIO | None = None) -> Progress:
    """Return bars where a person is watching, plain lines elsewhere."""
    return Terminal() if (out or sys.stderr).isatty() else Lines(out)
