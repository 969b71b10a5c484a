"""A guess at the name that was meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `name`, None when none is near."""
    lowered = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?", or "Known: a, b, c." when nothing is near."""
    names = list(known)
    guess = nearest(name, names)
    return f"Did you mean '{guess}'?" if guess else f"Known: {', '.join(names)}."
