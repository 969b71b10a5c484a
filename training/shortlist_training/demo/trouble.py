"""Trouble that no room of training names itself, and the fix for it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shortlist_training.demo.machine import DISK_MB, MEMORY_MB
from shortlist_training.errors import DemoError


@contextmanager
def named_fixes(out: Path) -> Iterator[None]:
    """Turn a full disk, a folder that cannot be written and a lack of memory into errors that name the fix.

    Raises:
        DemoError: One of those happened.
    """
    try:
        yield
    except MemoryError as error:
        raise DemoError(f"the memory is used up; the demo needs {MEMORY_MB} MB: close other programs") from error
    except OSError as error:
        fix = _FIXES.get(error.errno or 0)
        if fix is None:
            raise
        raise DemoError(
            f"{error.filename or out}: {error.strerror}; {fix}, or name another place with --out"
        ) from error


_FIXES = {
    errno.ENOSPC: f"free {DISK_MB} MB of disk",
    errno.EDQUOT: f"free {DISK_MB} MB of your quota",
    errno.EACCES: "take the right to write there",
    errno.EROFS: "the file system is read-only",
}
