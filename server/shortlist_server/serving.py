"""One gRPC server with every service of the API."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

from shortlist_bundle.changes.log import ChangeLog
from shortlist_server import health, reflection
from shortlist_server.administration import Administration
from shortlist_server.audience import Audience, Listener
from shortlist_server.changes.disk_log import DiskLog
from shortlist_server.errors import CannotServe
from shortlist_server.gathering import Gathering
from shortlist_server.impressions.sampling import Sampling
from shortlist_server.impressions.writing import Writing
from shortlist_server.interceptors.admission import Admission
from shortlist_server.limits import LIMITS
from shortlist_server.loaded import Loaded
from shortlist_server.metrics.counted_calls import counted
from shortlist_server.metrics.serving_measures import ServingMeasures
from shortlist_server.pipeline.live import following
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.protocol import PipelineProtocol
from shortlist_server.releases.guardrails import RewardSource
from shortlist_server.releases.releases import Releases
from shortlist_server.releases.shelf import Shelf
from shortlist_server.sentinels.measures import SentinelMeasures
from shortlist_server.sentinels.sampling import Samples
from shortlist_server.sentinels.sentinels import Sentinels
from shortlist_server.sentinels.settings import SentinelSettings
from shortlist_server.servicers.catalog import CatalogServicer
from shortlist_server.servicers.customers import CustomerServicer
from shortlist_server.servicers.event_stream import EventStreamServicer
from shortlist_server.servicers.feedback import SERVICE as FEEDBACK
from shortlist_server.servicers.feedback import FeedbackServicer, Recorder
from shortlist_server.servicers.handlers import Handlers, handlers
from shortlist_server.servicers.model import ModelServicer
from shortlist_server.servicers.recommender import RecommenderServicer
from shortlist_server.servicers.sessions import SessionServicer
from shortlist_server.sessions.places import Places
from shortlist_server.settings import ServeSettings

_BACKSTOP = 10
"""gRPC's own limit, as a multiple of ours: it counts calls that never send a message."""
_LEAST_BACKSTOP = 128
_LONGEST_CLOSE = 1.0


class Server:
    """Listens from `start` on, answers UNAVAILABLE while it has no pipeline, and ends without failing a call."""

    def __init__(self, settings: ServeSettings) -> None:
        """Set up every service, and open the log of changes; nothing listens yet.

        Raises:
            StorageError: The log of changes cannot be opened.
        """
        self.settings = settings
        self._disk_log = DiskLog(settings.log) if settings.log else None
        self.changes: ChangeLog | None = self._disk_log
        self.impressions = Sampling(settings.impressions) if settings.log and settings.impressions else None
        self._writing = (
            Writing(settings.log, self.impressions, self.changes) if settings.log and self.impressions else None
        )
        # Apart from the other requests: those who wait for the disk keep nobody from a list.
        self.recording = Admission(executing=settings.threads, waiting=settings.waiting)
        self.admission = Admission(executing=settings.threads, waiting=settings.waiting)
        self.gathering = Gathering(largest=settings.threads)
        self.places = Places(most=settings.sessions, limits=LIMITS)
        self._loaded = Loaded()
        self.measures = ServingMeasures(self._loaded)
        self._samples = Samples(settings.sentinels) if settings.sentinels else None
        self.sentinels = self._watching(self._samples) if self._samples else None
        self.releases: Releases | None = None
        self.rewards: RewardSource | None = None
        """What feedback says of the lists of a canary; set before `follow`."""
        self.administration: Administration | None = None
        self.health = health.Health([RecommenderServicer.SERVICE.full_name])
        services = {name: counted(methods, name, self.measures) for name, methods in self._services().items()}
        services[health.SERVICE.full_name] = self.health.handlers()
        self._reflection = reflection.Reflection(list(services))
        if settings.reflection:
            services[reflection.SERVICE.full_name] = self._reflection.handlers()
        self._pool = ThreadPoolExecutor(self._backstop, thread_name_prefix="rpc")
        self._server = grpc.server(
            self._pool, options=_transport(settings, self._backstop), maximum_concurrent_rpcs=self._backstop
        )
        for name, methods in services.items():
            self._server.add_registered_method_handlers(name, methods)

    def start(self) -> int:
        """Listen, and return the port.

        Raises:
            CannotServe: The address cannot be listened on.
        """
        try:
            port = self._server.add_insecure_port(self.settings.address)
        except RuntimeError as error:
            problem = f"cannot listen on {self.settings.address}: it is taken, not allowed or not of this machine"
            raise CannotServe(f"{problem}; choose another --host or --port") from error
        self._server.start()
        if self.sentinels is not None:
            self.sentinels.start()
        return port

    def put(self, pipeline: PipelineProtocol, canary: PipelineProtocol | None = None, share: float = 0.0) -> None:
        """Answer from this pipeline from now on, and say so to whoever asks for the server's health.

        With a log of changes each first takes in what the log says has happened since its bundle was made.
        """
        before = self._loaded.now
        self._loaded.put(self._moving(pipeline), canary and self._moving(canary), share)
        for old in (before.stable, before.canary) if before else ():
            if old is not None:
                old.close()
        self.health.set_serving(True)

    def _moving(self, pipeline: PipelineProtocol) -> PipelineProtocol:
        """Return the pipeline as it follows the log of changes, where there is one."""
        if self.changes is None or not isinstance(pipeline, Pipeline):
            return pipeline
        return following(pipeline, self.changes)

    def follow(self, shelf: Shelf) -> str:
        """Serve what the shelf's aliases name, from now on, and obey administrators; return their address, or nothing.

        Raises:
            CannotServe: The administrators' address cannot be listened on.
        """
        self.releases = Releases(
            shelf,
            self._loaded,
            share=self.settings.canary_share,
            gathering=self.gathering,
            rewards=self.rewards,
            moving=self._moving,
        )
        self.measures.follow(self.releases)
        if self.settings.admin:
            self.administration = Administration(self.settings, self._loaded, self.releases, self.sentinels)
        where = self.administration.start() if self.administration else ""
        self.releases.start()
        return where

    def drain(self) -> None:
        """Stop so that no call fails: tell balancers, give them a moment, then end what is in flight.

        Sessions would outlast any grace: each ends with its message in hand, and is told to go on elsewhere.
        """
        _in_background(self.health.set_serving, False)
        if self.releases is not None:
            self.releases.stop()
        if self.administration is not None:
            self.administration.stop()
        time.sleep(self.settings.drain_wait)
        self.places.drain()
        # Bounded, because a watcher that does not read must not hold up the rest.
        _in_background(self.health.close).join(_LONGEST_CLOSE)
        self._reflection.close()
        self._server.stop(self.settings.grace).wait(self.settings.grace + _LONGEST_CLOSE)
        if self.sentinels is not None:
            self.sentinels.close()
        self._loaded.close()
        self._pool.shutdown(wait=False)
        if self._writing is not None:
            self._writing.close()
        if self._disk_log is not None:
            self._disk_log.close()

    @property
    def _backstop(self) -> int:
        # Sessions hold their threads on top of what the other calls may hold, so that idle ones take nothing from them.
        others = max(_BACKSTOP * (self.settings.threads + self.settings.waiting), _LEAST_BACKSTOP)
        return others + self.settings.sessions

    def _watching(self, samples: Samples) -> Sentinels:
        limits = SentinelSettings(rate=self.settings.sentinels, floor=self.settings.recall_floor)
        return Sentinels(self._loaded, samples, limits, SentinelMeasures(self.measures.registry))

    def _services(self) -> dict[str, Handlers]:
        listeners: list[Listener | None] = [self.measures, self._samples, self.impressions]
        audience = Audience([one for one in listeners if one is not None])
        recommender = RecommenderServicer(
            self._loaded, gathering=self.gathering, encode_api=self.settings.encode_api, audience=audience
        )
        sessions = SessionServicer(
            self._loaded, gathering=self.gathering, admission=self.admission, places=self.places, limits=LIMITS,
            audience=audience,
        )  # fmt: skip
        model = ModelServicer(self._loaded, self.sentinels)
        recorder = Recorder(self._loaded, self.changes, LIMITS)
        runs = EventStreamServicer(recorder, admission=self.recording, places=self.places)
        catalog, customers = CatalogServicer(self._loaded), CustomerServicer(self._loaded)
        return {
            recommender.SERVICE.full_name: {
                **handlers(recommender.SERVICE, recommender.behaviours(), self.admission, recommender.reach),
                **sessions.handlers(),
            },
            model.SERVICE.full_name: handlers(model.SERVICE, {**model.behaviours(), **model.changes()}),
            FEEDBACK.full_name: {
                **handlers(FEEDBACK, FeedbackServicer(recorder).behaviours(), self.recording),
                **runs.handlers(),
            },
            catalog.SERVICE.full_name: handlers(catalog.SERVICE, catalog.behaviours(), self.recording),
            customers.SERVICE.full_name: handlers(customers.SERVICE, customers.behaviours(), self.recording),
        }


def _in_background(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def _transport(settings: ServeSettings, backstop: int) -> list[tuple[str, int]]:
    """Return gRPC's options (grpc.github.io/grpc/core/group__grpc__arg__keys.html); times in milliseconds."""
    return [
        # Off unless asked: two servers would otherwise share one port by mistake, and nobody would notice.
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_receive_message_length", LIMITS.message_bytes),
        ("grpc.max_connection_age_ms", round(1000 * settings.connection_age)),
        # A connection that has come of age is closed when its last session is over.
        ("grpc.max_connection_age_grace_ms", round(1000 * max(settings.grace, LIMITS.session_seconds))),
        # One connection cannot take every place of the backstop.
        ("grpc.max_concurrent_streams", backstop // 2),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
