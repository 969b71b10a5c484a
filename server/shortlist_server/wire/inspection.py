"""One look over one request: what is wrong with it, field by field."""

from shortlist_server.errors import InvalidRequest, Violation
from shortlist_server.limits import LIMITS, Limits

_MOST_VIOLATIONS = 100


class Inspection:
    """Collects violations, at most one for each field, so that a caller learns of all of them at once."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        """Start with nothing found."""
        self.limits = limits
        self._found: dict[str, str] = {}

    @property
    def full(self) -> bool:
        """Whether so much is wrong that looking further only costs time."""
        return len(self._found) >= _MOST_VIOLATIONS

    def refuse(self, field: str, description: str) -> None:
        """Note that the field cannot be meant; the first description of a field stays."""
        if not self.full:
            self._found.setdefault(field, description)

    def error(self) -> InvalidRequest | None:
        """Return what was found, None when nothing is wrong."""
        return InvalidRequest(*(Violation(field, text) for field, text in self._found.items())) if self._found else None

    def finish(self) -> None:
        """End the inspection.

        Raises:
            InvalidRequest: Something was found.
        """
        error = self.error()
        if error is not None:
            raise error
