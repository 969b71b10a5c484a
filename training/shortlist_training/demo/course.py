"""The demo from beginning to end."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule

from shortlist_bundle.files import BundleRef
from shortlist_training.config.run import RunConfig
from shortlist_training.demo import machine
from shortlist_training.demo.answers import render_answers
from shortlist_training.demo.cast import choose_cast
from shortlist_training.demo.groceries import groceries
from shortlist_training.demo.names import read_item_names
from shortlist_training.demo.quality import render_quality
from shortlist_training.demo.questions import ask
from shortlist_training.demo.server_process import ServerProcess
from shortlist_training.demo.words import what_next, what_will_happen
from shortlist_training.log import Log, read_log
from shortlist_training.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """How the demo runs.

    Attributes:
        out: folder to write to.
        folder: a log of the user's own; None for Complete Journey.
        config: of the training run.
        keep_serving: whether the server goes on until it is interrupted.
        program: how this program was called, for the commands to go on with.
    """

    out: Path
    folder: Path | None
    config: RunConfig
    keep_serving: bool
    program: str


class Demo:
    """Runs once.

    Args:
        settings: how.
        console: where it tells its story.
        progress: where long work is shown.
    """

    def __init__(self, settings: DemoSettings, console: Console, progress: Progress) -> None:
        self.settings, self.console, self.progress = settings, console, progress
        self.folder = settings.folder or settings.out / "data"
        self.bundles = settings.out / "bundles"
        self._started = time.monotonic()

    def run(self) -> None:
        """Check, fetch, train, serve, ask, show.

        Raises:
            DemoError: The machine lacks something, or the server does not start.
            TrainingError: The data cannot be used.
            CallError: The server refuses a request.
        """
        settings = self.settings
        machine.check(machine.look(settings.out), settings.out)
        self._say(what_will_happen(settings.out, settings.folder, settings.config.budget_minutes))
        self._chapter("Data")
        log = self._read()
        self._chapter("Training")
        _, metrics = self._train(log)
        self._chapter("Serving")
        customer = self._serve(log, metrics)
        self._chapter(f"Done in {_duration(time.monotonic() - self._started)}. What next")
        for line in what_next(settings.program, self.bundles, customer):
            self._say(line)

    def _read(self) -> Log:
        if self.settings.folder is None:
            self._say(groceries(self.folder, self.progress).strip())
        self.progress.say("reading the log")
        log = read_log(self.folder, self.settings.config.data)
        report = log.report
        self._say(f"{report.interactions:,} interactions of {report.customers:,} customers and {report.items:,} items")
        return log

    def _train(self, log: Log) -> tuple[BundleRef, Mapping[str, Any]]:
        self.progress.say("starting TensorFlow")
        from shortlist_training.run import train

        result = train(log, self.settings.config, self.bundles, self.progress)
        self._say(f"bundle {result.bundle.bundle_id}, trained in {_duration(sum(result.seconds.values()))}")
        return result.bundle, result.metrics

    def _serve(self, log: Log, metrics: Mapping[str, Any]) -> str:
        """Start a server, ask it, show what it says, stop it; return the customer that was asked about."""
        cast, names = choose_cast(log), read_item_names(self.folder)
        with ServerProcess(self.bundles, self.settings.out / "server.log") as server:
            self._say(f"serving on {server.address}, {server.seconds:.1f} s after the start")
            for part in render_answers(cast, ask(server.address, cast), names):
                self.console.print(part, highlight=False)
            self._chapter("Quality")
            for part in render_quality(metrics):
                self.console.print(part, highlight=False)
            if self.settings.keep_serving:
                self._keep_serving(server)
        self._say("the server is stopped")
        return cast.customer

    def _keep_serving(self, server: ServerProcess) -> None:
        try:
            self._say(f"serving on {server.address} until Ctrl-C")
            server.wait()
        except KeyboardInterrupt:
            self._say("")

    def _chapter(self, title: str) -> None:
        self.console.print(Rule(escape(title), align="left"))

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
