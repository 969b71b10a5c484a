"""A pipeline that follows the log of changes: what it answers from is swapped by one reference."""

import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.log import Appended, ChangeLog, Position
from shortlist_bundle.errors import ChangesDamaged
from shortlist_bundle.live.updating import ModelUpdater
from shortlist_bundle.model import Model
from shortlist_bundle.state.writing import OverlayLimits
from shortlist_server.changes.appending import append, clear_log_errors
from shortlist_server.errors import DeadlineTooShort, InvalidRequest, LogDamaged, LogUnavailable, PipelineError
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.pipeline.following import Follower
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.reply import CustomerVectors, Recommendations, Scores, SimilarCustomers, SimilarItems
from shortlist_server.pipeline.request import (
    RecommendRequest,
    ScoreRequest,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)

PAUSE = 0.05
"""Seconds between two looks at the log: a change is seen that much later at most, and the time it takes to take in."""
PORTION = 1_000
"""Changes that are read from the log at once."""


def following(base: Pipeline, changes: ChangeLog) -> "LivePipeline":
    """Return the pipeline of a bundle with everything that the log has by now, which it goes on following.

    Raises:
        LogDamaged: The log's head is damaged.
        LogUnavailable: The log cannot be read.
    """
    live = LivePipeline(base, changes)
    try:
        with clear_log_errors():
            live.catch_up()
    except LogUnavailable as error:
        # No caller is told of damage; whoever brings a bundle is, for trying again would not help.
        if isinstance(error.__cause__, ChangesDamaged):
            raise LogDamaged() from error
        raise
    live.follow()
    return live


class LivePipeline:
    """Answers from the bundle and everything that the log says has happened since. Safe to call from several threads.

    Each call is answered from one position of the log throughout; the next one may see a newer one. `catch_up` brings
    it up to date; after `follow` it does so by itself.

    Args:
        base: the bundle's pipeline.
        changes: the log.
        limits: of what is held of the customers.
    """

    def __init__(
        self,
        base: Pipeline,
        changes: ChangeLog,
        *,
        limits: OverlayLimits = OverlayLimits(),  # noqa: B008 - frozen
    ) -> None:
        self._updater = ModelUpdater(base.served, bundle_id=base.bundle_id, limits=limits)
        self._changes = changes
        self._updating = threading.Lock()
        self._current = base
        self._position = self._updater.position
        self._follower: Follower | None = None

    @property
    def model(self) -> str:
        """See `PipelineProtocol.model`."""
        return self._current.model

    @property
    def version(self) -> str:
        """See `PipelineProtocol.version`."""
        return self._current.version

    @property
    def bundle_id(self) -> str:
        """See `PipelineProtocol.bundle_id`."""
        return self._current.bundle_id

    @property
    def placements(self) -> Sequence[str]:
        """See `PipelineProtocol.placements`."""
        return self._current.placements

    @property
    def position(self) -> Position:
        """Up to which position of the log answers know what happened."""
        return self._position

    @property
    def current(self) -> Pipeline:
        """The pipeline of that position; it stays at it."""
        return self._current

    def now(self) -> float:
        """See `PipelineProtocol.now`."""
        return self._current.now()

    def recommend(self, requests: Sequence[RecommendRequest]) -> Sequence[Recommendations | PipelineError]:
        """See `PipelineProtocol.recommend`."""
        return self._current.recommend(requests)

    def similar_items(self, request: SimilarItemsRequest) -> SimilarItems:
        """See `PipelineProtocol.similar_items`."""
        return self._current.similar_items(request)

    def similar_customers(self, request: SimilarCustomersRequest) -> SimilarCustomers:
        """See `PipelineProtocol.similar_customers`."""
        return self._current.similar_customers(request)

    def score(self, request: ScoreRequest) -> Scores:
        """See `PipelineProtocol.score`."""
        return self._current.score(request)

    def encode_customers(self, requests: Sequence[RecommendRequest]) -> CustomerVectors:
        """See `PipelineProtocol.encode_customers`."""
        return self._current.encode_customers(requests)

    def encode_items(self, item_ids: Sequence[str]) -> NDArray[np.float32]:
        """See `PipelineProtocol.encode_items`."""
        return self._current.encode_items(item_ids)

    def description(self) -> ModelDescription:
        """See `PipelineProtocol.description`."""
        return self._current.description()

    def record(self, changes: Sequence[Change]) -> Appended:
        """See `PipelineProtocol.record`."""
        appended = append(self._changes, changes)
        with clear_log_errors():
            self.catch_up()
        return appended

    def known(self) -> Model:
        """See `PipelineProtocol.known`."""
        return self._current.served

    def changing(self) -> Model:
        """See `PipelineProtocol.changing`."""
        with clear_log_errors():
            self.catch_up()
        return self._current.served

    def search_deeper(self, times: float) -> None:
        """See `Pipeline.search_deeper`; it holds at every position from now on."""
        with self._updating:
            self._current.search_deeper(times)

    def follow(self, *, pause: float = PAUSE) -> None:
        """Catch up by itself from now on, looking at the log every so many seconds."""
        self._follower = Follower(self.catch_up, pause=pause)
        self._follower.start()

    def close(self) -> None:
        """See `PipelineProtocol.close`."""
        if self._follower is not None:
            self._follower.stop()

    def reach(self, position: Position, timeout: float | None) -> None:
        """See `PipelineProtocol.reach`."""
        if position > self._position:
            with clear_log_errors():
                self._reach(position, timeout)

    def _reach(self, position: Position, timeout: float | None) -> None:
        newest = self._changes.newest()
        if position > newest:
            raise InvalidRequest.at(
                "after_position", f"{position} lies behind the newest change, {newest}, of this log"
            )
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._position < position:
            left = -1.0 if deadline is None else max(deadline - time.monotonic(), 0.0)
            if left == 0.0 or not self._updating.acquire(timeout=min(left, threading.TIMEOUT_MAX)):
                raise DeadlineTooShort(0.0)
            try:
                self._advance(position)
            finally:
                self._updating.release()

    def catch_up(self) -> None:
        """Take in everything that the log has now.

        Raises:
            StorageError: The log cannot be read.
        """
        newest = self._changes.newest()
        while self._position < newest:
            with self._updating:
                self._advance(newest)

    def _advance(self, newest: Position) -> None:
        """Take in one portion, on the way to a position that the log has."""
        if self._position >= newest:
            return
        portion = self._changes.read(self._position, limit=PORTION)
        for position, change in portion:
            self._updater.apply(position, change)
        self._current = self._current.moved_to(self._updater.model())
        # Seen first, made cheaper to search afterwards.
        if self._updater.merge():
            self._current = self._current.moved_to(self._updater.model())
        # The log has gaps: behind its last change there is nothing up to its newest position.
        self._position = self._updater.position if len(portion) == PORTION else max(self._updater.position, newest)
