"""The thread that writes impressions, a moment after they were shown."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from shortlist_bundle.changes.change import ListShown
from shortlist_bundle.changes.log import ChangeLog
from shortlist_bundle.changes.records import FILE_MARK, Record, framed
from shortlist_bundle.errors import DocumentError, StorageError
from shortlist_bundle.files.storage import make_folder
from shortlist_bundle.impressions.encoding import write_impression
from shortlist_bundle.impressions.impression import Impression
from shortlist_bundle.impressions.reading import IMPRESSIONS, SUFFIX
from shortlist_server.impressions.sampling import Sampling, impression_of
from shortlist_server.impressions.teaching import lists_of

log = logging.getLogger(__name__)

_PAUSE = 0.25
"""Seconds between two looks at the queue: few and large writes cost the least."""
_FILE_BYTES = 16 << 20
_PORTION = 200
"""Lists that are written to the log at once, some 200 KB: events do not wait long for them."""
_FILE_SECONDS = 3_600.0


class Writing:
    """Writes what was sampled to files of this process's own, until it is closed.

    Impressions are not acknowledged to anybody: what a process has not written when it dies is lost.

    Args:
        folder: of the log of changes.
        sampling: where the impressions come from.
        changes: where lists that a head has drawn are written besides, for all heads to learn from.
        pause: seconds between two looks.
    """

    def __init__(
        self, folder: Path, sampling: Sampling, changes: ChangeLog | None = None, *, pause: float = _PAUSE
    ) -> None:
        self.written = 0
        self._changes = changes
        self._folder = folder / IMPRESSIONS
        self._sampling = sampling
        self._pause = pause
        self._file: IO[bytes] | None = None
        self._opened = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="impressions", daemon=True)
        self._thread.start()

    def close(self, *, patience: float = 5.0) -> None:
        """Write what waits, and end the thread; a disk that takes longer than `patience` seconds is left alone."""
        self._ended.set()
        self._thread.join(patience)

    def _watch(self) -> None:
        while not self._ended.wait(self._pause):
            self._round()
        self._round()
        self._end_file()

    def _round(self) -> None:
        shown = self._sampling.taken()
        try:
            self._write([impression_of(one, self._sampling.rate) for one in shown])
        except OSError as error:
            log.warning("impressions cannot be written and are lost: %s", error.strerror or error)
            self._file = None
        self._teach(lists_of(shown))

    def _teach(self, lists: Sequence[ListShown]) -> None:
        for start in range(0, len(lists), _PORTION):
            if self._changes is None:
                return
            try:
                self._changes.append(lists[start : start + _PORTION])
            except (StorageError, DocumentError) as error:
                log.warning("lists cannot be learnt from: %s", error)

    def _write(self, impressions: Sequence[Impression]) -> None:
        if not impressions:
            return
        file = self._open_file()
        for impression in impressions:
            try:
                data = write_impression(impression)
            except DocumentError as error:
                log.warning("an impression cannot be written: %s", error)
                continue
            self.written += 1
            file.write(framed(Record(self.written, data)))
        file.flush()
        if file.tell() >= _FILE_BYTES or time.monotonic() - self._opened >= _FILE_SECONDS:
            self._end_file()

    def _open_file(self) -> IO[bytes]:
        if self._file is None:
            make_folder(self._folder)
            name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
            self._file = (self._folder / name).open("xb")
            self._file.write(FILE_MARK)
            self._opened = time.monotonic()
        return self._file

    def _end_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.flush()
                os.fsync(file.fileno())
                file.close()
            except OSError as error:
                log.warning("impressions may be lost: %s", error.strerror or error)
