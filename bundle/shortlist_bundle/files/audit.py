"""The audit log of a model: one line of JSON for each step that decides what serves, on the disk before the step."""

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shortlist_bundle.documents import JSON
from shortlist_bundle.files.storage import clear_errors
from shortlist_bundle.files.versions import model_folder

AUDIT = "audit.jsonl"
_MAX_LINE = 65_536
_MAX_READ = 64 << 20


@dataclass(frozen=True, slots=True)
class AuditLog:
    """What an audit log holds, oldest first, and how many of its lines cannot be read."""

    entries: tuple[Mapping[str, Any], ...]
    damaged: int


def record(root: Path | str, model: str, event: str, **facts: JSON) -> None:
    """Append one entry and wait until it is on the disk.

    Args:
        root: The folder of all models.
        model: Whose log.
        event: What happens: 'promote', 'rollback', 'withdraw', 'load', 'serve', 'refuse', 'free', 'canary'...
        facts: What else is worth knowing: versions, numbers, reasons. Never anything of a customer.

    Raises:
        BundleNotFound: There is no such model.
        StorageError: The file system refused.
    """
    entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    line = _line(entry)
    path = model_folder(root, model) / AUDIT
    with clear_errors(f"writing the audit log of model {model!r}"):
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            # Several processes write: workers, and whoever promotes.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write((b"\n" if _torn(file.fileno()) else b"") + line)
            os.fsync(file.fileno())


def read_audit(root: Path | str, model: str) -> AuditLog:
    """Return the whole log; a line that a crash cut off is counted as damaged, and harms no other.

    Raises:
        BundleNotFound: There is no such model.
        StorageError: The file system refused.
    """
    path = model_folder(root, model) / AUDIT
    if not path.is_file():
        return AuditLog((), 0)
    with clear_errors(f"reading the audit log of model {model!r}"), path.open("rb") as file:
        file.seek(max(path.stat().st_size - _MAX_READ, 0))
        lines = file.read(_MAX_READ).splitlines()
    entries = [entry for line in lines if line and (entry := _entry(line)) is not None]
    return AuditLog(tuple(entries), sum(map(bool, lines)) - len(entries))


def _line(entry: Mapping[str, JSON]) -> bytes:
    line = json.dumps(entry, ensure_ascii=True).encode()
    if len(line) > _MAX_LINE:
        # A line is whole or it is no line: what is long goes, and that it went is said.
        short = {name: value for name, value in entry.items() if not isinstance(value, Mapping | Sequence | str)}
        kept = {name: value[:400] for name, value in entry.items() if isinstance(value, str)}
        line = json.dumps({**kept, **short, "cut": True}, ensure_ascii=True).encode()
    return line + b"\n"


def _entry(line: bytes) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


def _torn(descriptor: int) -> bool:
    """Say whether the last line has no end, because its writer died over it."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
