"""Several servers on one port: spawned processes, each with a server of its own, and the parent that keeps them alive.

gRPC and fork do not mix, hence spawn. The kernel spreads connections over the workers (SO_REUSEPORT).
"""

import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from shortlist_server.errors import CannotServe
from shortlist_server.lifecycle import Load, Serving, run
from shortlist_server.metrics.exporting import Exporting
from shortlist_server.metrics.summing import Tally, counters_of, summed
from shortlist_server.releases.shelf import Shelf
from shortlist_server.settings import ServeSettings, address, host_and_port
from shortlist_server.stopping import SIGNALS, StopRequest

log = logging.getLogger(__name__)

_SHORTEST_BACK_OFF = 0.1
_LONGEST_BACK_OFF = 5.0
_STEADY = 30.0
"""Seconds after which a worker counts as healthy, so that its next death starts a new back-off."""
_LONGEST_KILL = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a worker tells its parent that it has counted."""

    tally: Tally


class Supervisor:
    """Keeps `settings.workers` processes serving until told to stop."""

    def __init__(
        self,
        settings: ServeSettings,
        load: Load,
        announce: Callable[[Serving], None],
        *,
        shelf: Shelf | None = None,
        log_level: str = "WARNING",
    ) -> None:
        """Set up; `load` is called in each worker and has to be picklable, as the shelf they follow has."""
        self._settings = settings
        self._announce = announce
        self._announced = False
        self._metrics = ""
        self._workers = [_Worker(number, load, shelf, log_level) for number in range(settings.workers)]

    def run(self, stop: StopRequest) -> None:
        """Start the workers, restart those that die, and end all of them when a stop is requested.

        Raises:
            CannotServe: The port is taken, or a worker could not serve in the first place.
        """
        with reserved_port(self._settings.host, self._settings.port) as port, _reserved(self._settings.admin) as admin:
            settings = replace(self._settings, port=port, admin=admin, reuse_port=True)
            resource_tracker.ensure_running()
            exporting = Exporting(self._settings.metrics, self._counted) if self._settings.metrics else None
            self._metrics = exporting.address if exporting else ""
            try:
                while not stop.requested:
                    self._tend(settings)
                    stop.wait(self._pause(), others=[w for worker in self._workers for w in worker.waitables()])
            finally:
                self._end()
                if exporting is not None:
                    exporting.close()

    def _tend(self, settings: ServeSettings) -> None:
        for worker in self._workers:
            problem = worker.tend(settings)
            if problem and not self._announced:
                raise CannotServe(problem)
            if problem:
                log.warning("%s; it starts again in %.1f s", problem, worker.due())
        if not self._announced and all(worker.serving for worker in self._workers):
            self._announced = True
            self._announce(self._news())

    def _news(self) -> Serving:
        news = [worker.serving for worker in self._workers if worker.serving]
        return replace(news[0], workers=len(news), metrics=self._metrics)

    def _counted(self) -> Tally:
        """Return what all workers have counted, those included that are no more."""
        return summed(tally for worker in self._workers for tally in worker.tallies)

    def _pause(self) -> float | None:
        due = [worker.due() for worker in self._workers if worker.process is None]
        return min(due) if due else None

    def _end(self) -> None:
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + self._settings.drain_wait + self._settings.grace + _LONGEST_KILL
        for worker in self._workers:
            worker.join(deadline - time.monotonic())


class _Worker:
    """One place for a process: the one that runs, or the one to be started next."""

    def __init__(self, number: int, load: Load, shelf: Shelf | None, log_level: str) -> None:
        self.process: SpawnProcess | None = None
        self.serving: Serving | None = None
        self._number = number
        self._load = load
        self._shelf = shelf
        self._log_level = log_level
        self._connection: Connection | None = None
        self._words = ""
        self._tally: Tally = ()
        self._before: Tally = ()
        self._started = 0.0
        self._start_at = 0.0
        self._deaths = 0

    @property
    def tallies(self) -> Sequence[Tally]:
        """What its processes have counted: those before, and the one that runs."""
        return self._before, self._tally

    def waitables(self) -> list[Connection | int]:
        """What becomes ready when there is something to tend."""
        return [*([self.process.sentinel] if self.process else []), *([self._connection] if self._connection else [])]

    def due(self) -> float:
        """Seconds until it has to be started."""
        return max(self._start_at - time.monotonic(), 0.0)

    def tend(self, settings: ServeSettings) -> str | None:
        """Start it when due, and hear what it says; return how it died when it did."""
        if self.process is None and not self.due():
            self._start(settings)
        self._hear()
        if self.process is None or self.process.is_alive():
            return None
        self._hear()
        return self._bury(self.process)

    def terminate(self) -> None:
        """Ask the process to drain."""
        if self.process is not None:
            self.process.terminate()

    def join(self, timeout: float) -> None:
        """Wait for the process, and kill it when it takes too long."""
        if self.process is None:
            return
        deadline = time.monotonic() + timeout
        while self.process.is_alive() and (left := deadline - time.monotonic()) > 0:
            # What it tells is taken, or it could not end for want of room in the pipe.
            wait(self.waitables(), left)
            self._hear()
        if self.process.is_alive():
            log.error("worker %d did not stop in time and is killed", self._number)
            self.process.kill()
            self.process.join()

    def _start(self, settings: ServeSettings) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=work, args=(settings, self._load, self._shelf, theirs, self._log_level))
        self._words, self._started = "", time.monotonic()
        # Signals wait in the new process until it listens to them; before, they would kill it or print a traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        theirs.close()

    def _hear(self) -> None:
        while self._connection is not None and self._connection.poll():
            try:
                said = self._connection.recv()
            except (EOFError, OSError):
                self._connection.close()
                self._connection = None
                return
            if isinstance(said, Serving):
                self.serving = said
            elif isinstance(said, Told):
                self._tally = said.tally
            else:
                self._words = str(said)

    def _bury(self, process: SpawnProcess) -> str:
        code, age = process.exitcode, time.monotonic() - self._started
        process.close()
        self.process = self.serving = None
        self._before, self._tally = summed((self._before, counters_of(self._tally))), ()
        self._deaths = 1 if age > _STEADY else self._deaths + 1
        self._start_at = time.monotonic() + min(_SHORTEST_BACK_OFF * 2 ** (self._deaths - 1), _LONGEST_BACK_OFF)
        return self._words or f"worker {self._number} ended with exit code {code} after {age:.1f} s"


def work(settings: ServeSettings, load: Load, shelf: Shelf | None, connection: Connection, log_level: str) -> None:
    """Be a worker: serve until told to stop, or until the parent is gone."""
    start_log(log_level)
    parent = parent_process()
    stop = StopRequest(parent=int(parent.sentinel) if parent else None)
    stop.listen()
    try:
        tell = (lambda tally: connection.send(Told(tally))) if settings.metrics else None
        run(settings, load, stop, connection.send, shelf, tell)
    except Exception as error:
        # What its message cannot explain to a user needs the traceback.
        if not getattr(error, "user_message", False):
            log.exception("the worker failed")
        connection.send(str(error) or type(error).__name__)
        sys.exit(1)


def start_log(level: str) -> None:
    """Write the log of this process to stderr."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")


@contextmanager
def reserved_port(host: str, port: int) -> Iterator[int]:
    """Hold a port for the workers; 0 picks a free one.

    Raises:
        CannotServe: The address cannot be listened on.
    """
    try:
        held = _hold(host, port)
    except OSError as error:
        raise CannotServe(
            f"cannot listen on {address(host, port)}: {error}; choose another --host or --port"
        ) from error
    with held:
        yield int(held.getsockname()[1])


@contextmanager
def _reserved(admin: str) -> Iterator[str]:
    """Hold the administrators' address, if there is one."""
    if not admin:
        yield ""
        return
    host, port = host_and_port(admin)
    with reserved_port(host, port) as held:
        yield address(host, held)


def _hold(host: str, port: int) -> socket.socket:
    """Return a socket that is bound but never listens, so that the kernel gives it no connections."""
    family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Without SO_REUSEPORT this fails while anybody listens; with it, a stranger's port could be shared.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)
        free = probe.getsockname()[1]
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((where[0], free, *where[2:]))
    return held
