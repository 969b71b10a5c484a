"""Positions of the log: a whole number as text, which callers hand back as they got it."""

from shortlist_bundle.changes.log import START, Position
from shortlist_bundle.errors import shown
from shortlist_server.wire.inspection import Inspection

_LARGEST = 2**63 - 1
_MOST_DIGITS = 19


def read_position(inspection: Inspection, text: str, field: str) -> Position:
    """Read a position; empty text is the start of the log, which every state has passed."""
    found = position_of(text)
    if found is None:
        inspection.refuse(field, f"{shown(text)} is no position; hand back what a reply calls `position`")
    return found or START


def position_of(text: str) -> Position | None:
    """Return the position that a text stands for, None where it stands for none."""
    if not text:
        return START
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    number = int(text)
    return number if number <= _LARGEST else None


def write_position(position: Position) -> str:
    """Write a position."""
    return str(position)
