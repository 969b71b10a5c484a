"""The pipelines that answer, once there are any."""

import hashlib
from dataclasses import dataclass

from shortlist_server.errors import NotReady, UnknownModel
from shortlist_server.pipeline.protocol import PipelineProtocol

DEFAULT_MODEL = "default"
_RETRY_AFTER = 1.0
_HASHES = 1 << 64


@dataclass(frozen=True, slots=True)
class Arms:
    """What answers at one moment: one bundle, and beside it perhaps a second one for a share of the customers."""

    stable: PipelineProtocol
    canary: PipelineProtocol | None = None
    share: float = 0.0
    """Of the customers whom the canary answers, in [0, 1]."""

    def of(self, key: str) -> PipelineProtocol:
        """Return the pipeline of a customer, or of a request that names none: always the same while a canary lasts.

        The canary's id is part of the hash, so that it is not the same customers who try out every bundle.
        """
        if self.canary is None:
            return self.stable
        digest = hashlib.blake2b(f"{self.canary.bundle_id}\n{key}".encode(), digest_size=8).digest()
        return self.canary if int.from_bytes(digest) < self.share * _HASHES else self.stable

    def of_model(self, name: str, key: str = "") -> PipelineProtocol:
        """Return the pipeline for a request to a model; an empty name means 'default'.

        Args:
            name: of the model.
            key: the customer's id, or else the request's; empty where the stable bundle is to answer.

        Raises:
            UnknownModel: Another model is served.
        """
        if (name or DEFAULT_MODEL) != self.stable.model:
            raise UnknownModel(name or DEFAULT_MODEL)
        return self.of(key) if key and self.canary else self.stable


class Loaded:
    """Holds one reference; a request works on the pipeline it was given until it is answered."""

    def __init__(self) -> None:
        """Start with nothing loaded."""
        self._arms: Arms | None = None

    def put(self, stable: PipelineProtocol, canary: PipelineProtocol | None = None, share: float = 0.0) -> None:
        """Let the pipeline answer from now on, and the canary a share of the customers."""
        self._arms = Arms(stable, canary, share)

    def close(self) -> None:
        """Let what answers end what runs beside its answers."""
        for pipeline in (self._arms.stable, self._arms.canary) if self._arms else ():
            if pipeline is not None:
                pipeline.close()

    def clear(self) -> None:
        """Let go of what answers."""
        self._arms = None

    @property
    def now(self) -> Arms | None:
        """What answers now; None while nothing is loaded."""
        return self._arms

    def arms(self) -> Arms:
        """Return what answers now: everything that belongs to one message is taken from one of these.

        Raises:
            NotReady: Nothing is loaded yet.
        """
        arms = self._arms
        if arms is None:
            raise NotReady("the server is starting and has no bundle yet", retry_after=_RETRY_AFTER)
        return arms

    def current(self) -> PipelineProtocol:
        """Return the pipeline that answers now.

        Raises:
            NotReady: Nothing is loaded yet.
        """
        return self.arms().stable

    def of_model(self, name: str, key: str = "") -> PipelineProtocol:
        """Return the pipeline for a request to a model; see `Arms.of_model`.

        Raises:
            NotReady: Nothing is loaded yet.
            UnknownModel: Another model is served.
        """
        return self.arms().of_model(name, key)
