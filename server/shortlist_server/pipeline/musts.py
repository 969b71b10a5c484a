"""Which items meet every must of a request, and what to give up where none does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.knowledge.relaxation import Relaxation, relaxations, violations
from shortlist_bundle.model import Model
from shortlist_server.errors import InvalidRequest, UnknownAttribute, Violation
from shortlist_server.pipeline.filtering import matching
from shortlist_server.pipeline.needs import Must, Needs, RelaxationTold

Mask = NDArray[np.bool_]

NEEDS_UNMET = "needs_unmet"
"""No item meets every must, and the list is empty."""
NEEDS_RELAXED = "needs_relaxed"
"""No item meets every must; the list was made under the first of the relaxations."""
MOST_RELAXATIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the musts of one request came out.

    Attributes:
        relaxations: what to give up; empty where something meets them all, or nothing would help.
        fallbacks: `NEEDS_UNMET`, `NEEDS_RELAXED`, or neither.
    """

    relaxations: tuple[RelaxationTold, ...] = ()
    fallbacks: tuple[str, ...] = ()


FITS = Fit()


class Musts:
    """The musts of the requests of one batch: those that share their needs are looked up in the catalogue once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._known: dict[int, list[Mask]] = {}

    def constrain(self, allowed: Mask, needs: Needs | None) -> Fit:
        """Leave in `allowed`, bool [N + 1], only items that meet every must, or every one that is not given up.

        Raises:
            UnknownAttribute, InvalidRequest: A must that the catalogue cannot be asked; its path is `needs.musts[...]`.
        """
        if needs is None or not needs.musts:
            return FITS
        masks = self._masks(needs)
        fitting = np.logical_and.reduce([allowed, *masks])
        if fitting.any() or not allowed.any():
            allowed &= fitting
            return FITS
        found = relaxations(violations(masks, len(allowed))[allowed], MOST_RELAXATIONS)
        kept = [mask for n, mask in enumerate(masks) if n not in found[0].musts]
        allowed &= np.logical_and.reduce([allowed, *kept]) if needs.relax else fitting
        return Fit(
            relaxations=tuple(_told(needs.musts, relaxation) for relaxation in found),
            fallbacks=(NEEDS_RELAXED if needs.relax else NEEDS_UNMET,),
        )

    def _masks(self, needs: Needs) -> list[Mask]:
        # By identity: the rows of a batch request share one object, and it outlives this batch.
        if id(needs) not in self._known:
            self._known[id(needs)] = [_mask(self._model, must, row) for row, must in enumerate(needs.musts)]
        return self._known[id(needs)]


def _mask(model: Model, must: Must, row: int) -> Mask:
    try:
        return matching(model, must.condition).mask
    except InvalidRequest as error:
        first, *others = (Violation(_path(violation, row), violation.description) for violation in error.violations)
        if isinstance(error, UnknownAttribute):
            raise UnknownAttribute(first.field, error.attribute, *others) from None
        raise InvalidRequest(first, *others) from None


def _path(violation: Violation, row: int) -> str:
    return f"needs.musts[{row}]{violation.field.removeprefix('filter')}"


def _told(musts: Sequence[Must], relaxation: Relaxation) -> RelaxationTold:
    given_up = " and ".join(f"`{musts[row].text}`" for row in relaxation.musts)
    there = "there is 1" if relaxation.items == 1 else f"there are {relaxation.items:,}"
    return RelaxationTold(musts=relaxation.musts, items=relaxation.items, text=f"without {given_up} {there}")
