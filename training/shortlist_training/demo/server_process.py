"""`shortlist serve` as a process of its own, which ends when the demo does."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from shortlist_training.errors import DemoError

SLOWEST_START = 120.0
SLOWEST_STOP = 15.0
_PROGRAM = (sys.executable, "-c", "from shortlist_client.program import main; main()")
_LOG_LINES = 5


class ServerProcess:
    """A server on a free port of this machine; a context manager that always stops it.

    Args:
        bundles: folder of the bundles; the one to which `stable` points is served.
        log: file for what the server has to say.

    Attributes:
        address: "host:port", once it serves.
        seconds: from the start to the first request answered.
    """

    def __init__(self, bundles: Path, log: Path) -> None:
        self._command = [*_PROGRAM, "serve", "--bundles", str(bundles), "--port", "0", "--clock", "log_end", "--json"]
        self._log = log
        self.address = ""
        self.seconds = 0.0

    def __enter__(self) -> Self:
        """Start it, and wait until it answers.

        Raises:
            DemoError: It ended, or took too long; the message has the end of its log.
        """
        started = time.monotonic()
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
        try:
            self.address = self._announced()
        except BaseException:
            self.stop()
            raise
        self.seconds = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Return when the server has ended."""
        self._process.wait()

    def stop(self) -> None:
        """Let it finish what it is doing, and end it; kill it if that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(SLOWEST_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _announced(self) -> str:
        """Return the address from the one line that the server writes when it serves."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        # Reading a line has no time limit of its own; a killed server ends it.
        limit = threading.Timer(SLOWEST_START, self._process.kill)
        limit.start()
        try:
            line = self._process.stdout.readline()
        finally:
            limit.cancel()
        if not line:
            raise DemoError(self._failure())
        return str(json.loads(line)["address"])

    def _failure(self) -> str:
        said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_LOG_LINES:]
        return (
            f"the server did not start within {SLOWEST_START:.0f} s: {' '.join(said) or 'it said nothing'}. Its log is "
            f"{self._log}; `shortlist bundle verify --bundles` with the demo's bundles says whether the bundle is whole"
        )
