"""What the engine is told about the customers of one batch."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.features.encoded import EncodedFeatures
from shortlist_bundle.state.histories import Histories
from shortlist_bundle.state.voices import Voices, voices


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBatch:
    """B customers at their moments.

    Attributes:
        rows: int32 [B], rows of the customer vocabulary, 0 for a customer that training has not seen.
        features: their encoded features, B rows.
        history: what they have taken up to `now`.
        now: float64 [B], epoch seconds, as given by `Clock.moments`.
        context: encoded context of the requests, B rows; None where there is none.
    """

    rows: NDArray[np.int32]
    features: EncodedFeatures
    history: Histories
    now: NDArray[np.float64]
    context: EncodedFeatures | None = None
    _voices: dict[tuple[int, int, float, bool], Voices] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        context = self.features if self.context is None else self.context
        if not len(self.rows) == len(self.history) == len(self.now) == len(self.features) == len(context):
            raise ValueError("a customer batch needs one row, history, moment, feature row and context per customer")

    def __len__(self) -> int:
        return len(self.rows)

    def voices(self, *, width: int, length: int, fade: float, by_moment: bool) -> Voices:
        """Return who of the histories has a say; see `voices`. Sources that ask the same are given the same."""
        asked = (width, length, fade, by_moment)
        found = self._voices.get(asked)
        if found is None:
            found = voices(self.history, width=width, length=length, fade=fade, by_moment=by_moment)
            self._voices[asked] = found
        return found

    def take(self, index: NDArray[np.integer]) -> "CustomerBatch":
        """Return some of the customers as a batch of their own."""
        return CustomerBatch(
            rows=self.rows[index],
            features=self.features.take(index),
            history=self.history.take(index),
            now=self.now[index],
            context=None if self.context is None else self.context.take(index),
        )
