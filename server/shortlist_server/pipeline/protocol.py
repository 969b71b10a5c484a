"""The pipeline as the servicers see it, so that they can be served and tested without a bundle."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.log import Appended, Position
from shortlist_bundle.model import Model
from shortlist_server.errors import PipelineError
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.pipeline.reply import CustomerVectors, Recommendations, Scores, SimilarCustomers, SimilarItems
from shortlist_server.pipeline.request import (
    RecommendRequest,
    ScoreRequest,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)


class PipelineProtocol(Protocol):
    """Answers requests from one bundle. Safe to call from several threads at once."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def version(self) -> str:
        """Version within the model."""

    @property
    def bundle_id(self) -> str:
        """Hash of everything that determines answers."""

    @property
    def placements(self) -> Sequence[str]:
        """Names of its policies; 'default' is among them."""

    def now(self) -> float:
        """Return what 'now' is for a request that does not say, in epoch seconds."""

    def recommend(self, requests: Sequence[RecommendRequest]) -> Sequence[Recommendations | PipelineError]:
        """Make one list for each request, in their order; a row that cannot be answered holds its error."""

    def similar_items(self, request: SimilarItemsRequest) -> SimilarItems:
        """Find the items nearest to one.

        Raises:
            UnknownItem: The catalogue does not have the seed.
            InvalidRequest: The bundle has no such space or attribute.
        """

    def similar_customers(self, request: SimilarCustomersRequest) -> SimilarCustomers:
        """Find the customers nearest to one, never that one itself.

        Raises:
            UnknownCustomer: The request insists on a known customer.
            FeatureOff: The bundle has no customer vectors.
        """

    def score(self, request: ScoreRequest) -> Scores:
        """Predict what a customer would make of the items.

        Raises:
            UnknownItem: The catalogue does not have one of the items.
            UnknownCustomer: The request insists on a known customer.
        """

    def encode_customers(self, requests: Sequence[RecommendRequest]) -> CustomerVectors:
        """Return the customers' vectors, at least one."""

    def encode_items(self, item_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the items' vectors, [B, D].

        Raises:
            UnknownItem: The catalogue does not have one of the items.
        """

    def reach(self, position: Position, timeout: float | None) -> None:
        """Return when answers know everything that the log has up to a position.

        Args:
            position: as the log gave it out; `START` is always reached.
            timeout: seconds; None waits for as long as it takes.

        Raises:
            FeatureOff: There is no log.
            InvalidRequest: The log has no such position.
            DeadlineTooShort: There was not enough time.
        """

    def record(self, changes: Sequence[Change]) -> Appended:
        """Write changes to the log; when this returns they are on the disk, and answers of this process know them.

        Raises:
            FeatureOff: There is no log.
        """

    def known(self) -> Model:
        """Return the model as it is now."""

    def changing(self) -> Model:
        """Return the model as it is now, for a look at what is to be changed.

        Raises:
            FeatureOff: There is no log that changes could be written to.
        """

    def close(self) -> None:
        """Let go of what runs beside the answers; they may still be asked for."""

    def description(self) -> ModelDescription:
        """Describe the bundle."""
