"""Servers as real processes."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

FAKES = Path(__file__).parent / "fakes.py"


class Process:
    """A server as a real process, that is ended whatever happens."""

    def __init__(self, *arguments):
        command = [sys.executable, "-W", "error", str(FAKES), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ, start_new_session=True
        )
        self.news = None

    def wait_until_serving(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.news = json.loads(line)
        return self

    @property
    def address(self):
        return self.news["address"]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=10.0):
        """Return the exit code, and what went to stderr."""
        code = self.process.wait(timeout)
        return code, self.process.stderr.read()

    def kill(self):
        # The whole group, workers included; it may be gone already.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10.0)
        self.process.stdout.close()
        self.process.stderr.close()
