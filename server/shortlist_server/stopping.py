"""The wish that this process stops, from a signal or from a caller."""

import os
import signal
from multiprocessing.connection import Connection, wait
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequest:
    """Something to wait for. A pipe, because a signal handler may write to one but may not touch a lock."""

    def __init__(self, *, parent: int | None = None) -> None:
        """Wait for a request; with the sentinel of a parent process, for its end too."""
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._parent = [] if parent is None else [parent]
        self.requested = False
        self._wakes = False

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as a request, also those that were held back so far. Main thread only."""
        for number in SIGNALS:
            signal.signal(number, self.request)
        # The kernel may hand a signal to any thread. Only this wakes the main thread then, which runs the handler;
        # without it a server could sleep through its SIGTERM.
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._wakes = True
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def request(self, *_signal: Any) -> None:
        """Ask to stop; a second time changes nothing."""
        if not self.requested:
            self.requested = True
            os.write(self._write, b"!")

    def wait(self, timeout: float | None = None, *, others: list[Connection | int] | None = None) -> bool:
        """Wait until a stop is requested, one of the others is ready, or `timeout` seconds have passed.

        Returns:
            Whether a stop is requested.
        """
        ready = wait([self._read, *self._parent, *(others or ())], timeout)
        if any(sentinel in ready for sentinel in self._parent):
            self.requested = True
        return self.requested

    def close(self) -> None:
        """Free the pipe. Main thread only, if it listened."""
        if self._wakes:
            signal.set_wakeup_fd(-1)
        os.close(self._read)
        os.close(self._write)
