"""The life of one server in one process: listen, load, serve until told to stop, drain."""

import gc
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

from shortlist_server.heap import give_back, keep_one_heap
from shortlist_server.metrics.exporting import Exporting
from shortlist_server.metrics.summing import Tally, tally_of
from shortlist_server.metrics.telling import Telling
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.shelf import Shelf
from shortlist_server.serving import Server
from shortlist_server.settings import ServeSettings, address
from shortlist_server.stopping import StopRequest

Load = Callable[[], PipelineProtocol]

_POLL = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The news that requests are answered."""

    model: str
    version: str
    bundle: str
    host: str
    port: int
    workers: int = 1
    admin: str = ""
    """Where administrators are obeyed; empty for nowhere."""
    instead_of: str = ""
    """The version that the alias names and that may not serve; empty where that serves."""
    metrics: str = ""
    """Where Prometheus is answered; empty for nowhere."""

    def __str__(self) -> str:
        where = address(self.host, self.port)
        instead = f" instead of {self.instead_of}, which may not serve," if self.instead_of else ""
        return f"serving model={self.model} bundle={self.bundle}{instead} on {where} workers={self.workers}"

    def json(self) -> str:
        """Return the news as one line of JSON."""
        return json.dumps({"event": "serving", **asdict(self), "address": address(self.host, self.port)})


def run(
    settings: ServeSettings,
    load: Load,
    stop: StopRequest,
    announce: Callable[[Serving], None],
    shelf: Shelf | None = None,
    tell: Callable[[Tally], None] | None = None,
) -> None:
    """Serve until a stop is requested, then drain.

    A server of its own listens at once and says that it is not ready yet. A worker listens when it has loaded: it
    would otherwise be sent its share of the new connections while its siblings could answer them.

    Args:
        settings: How to serve.
        load: Reads, verifies and warms up the pipeline; may take long.
        stop: Ends the loading as well as the serving.
        announce: Told once, when requests are answered.
        shelf: Where other bundles come from while it serves; None keeps the one that was loaded.
        tell: Told once a second what has been counted, after `announce`; None for a process that answers Prometheus
            itself, where the settings say so.

    Raises:
        CannotServe: An address cannot be listened on.
        Exception: Whatever `load` raises.
    """
    keep_one_heap()
    server = Server(settings)
    port = None if settings.reuse_port else server.start()
    counts: Exporting | Telling | None = None
    try:
        pipeline = _load_unless_stopped(load, stop)
        if pipeline is None:
            return
        # What was loaded stays: the collector need not look at it again, which would show in the slowest requests.
        gc.collect()
        gc.freeze()
        # What reading and warming up took and needs no more: tens of megabytes for each worker.
        give_back()
        server.put(pipeline)
        port = server.start() if port is None else port
        news = _news(pipeline, settings.host, port)
        # Whoever holds the first bundle here would keep it in memory after it was replaced.
        del pipeline
        if shelf is not None:
            wanted = shelf.wanted().get(shelf.alias, news.version)
            news = replace(news, instead_of=wanted if wanted != news.version else "", admin=server.follow(shelf))
        registry = server.measures.registry
        if tell is None and settings.metrics:
            counts = Exporting(settings.metrics, partial(tally_of, registry))
            news = replace(news, metrics=counts.address)
        announce(news)
        if tell is not None:
            counts = Telling(registry, tell)
        stop.wait()
    finally:
        server.drain()
        # Last, so that what was answered while it drained is counted too.
        if counts is not None:
            counts.close()


def _news(pipeline: PipelineProtocol, host: str, port: int) -> Serving:
    return Serving(model=pipeline.model, version=pipeline.version, bundle=pipeline.bundle_id, host=host, port=port)


def _load_unless_stopped(load: Load, stop: StopRequest) -> PipelineProtocol | None:
    """Load beside the main thread, which thus stays free for signals; None when a stop came first."""
    loader = _Loader(load)
    loader.start()
    while loader.is_alive():
        if stop.wait(_POLL):
            return None
    return loader.result()


class _Loader(threading.Thread):
    def __init__(self, load: Load) -> None:
        super().__init__(name="loader", daemon=True)
        self._load = load
        self._pipeline: PipelineProtocol | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._pipeline = self._load()
        except BaseException as error:
            self._error = error

    def result(self) -> PipelineProtocol | None:
        if self._error is not None:
            raise self._error
        pipeline, self._pipeline = self._pipeline, None
        return pipeline
