"""Servers as real processes. Every wait is for a sign; the time-out is far beyond what a busy machine takes."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

FAKES = Path(__file__).parent / "fakes.py"
LONGEST = 60.0


class Process:
    """A server as a real process, that is ended whatever happens."""

    def __init__(self, *arguments):
        command = [sys.executable, "-W", "error", str(FAKES), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ, start_new_session=True
        )
        self.news = None
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until(self, event):
        """Wait for a line that tells of the event; it has to be the next one."""
        line = self._lines.get(timeout=LONGEST)
        assert line, self.process.stderr.read()
        self.news = json.loads(line)
        assert self.news["event"] == event, line
        return self

    def wait_until_serving(self):
        return self.wait_until("serving")

    @property
    def address(self):
        return self.news["address"]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=LONGEST):
        """Return the exit code, and what went to stderr."""
        code = self.process.wait(timeout)
        return code, self.process.stderr.read()

    def rest(self):
        """Return what else it printed until its end."""
        lines = []
        while line := self._lines.get(timeout=LONGEST):
            lines.append(line)
        return "".join(lines)

    def kill(self):
        # The whole group, workers included; it may be gone already.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LONGEST)
        self._reader.join(LONGEST)
        self.process.stdout.close()
        self.process.stderr.close()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")
