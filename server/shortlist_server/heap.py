"""Where this process takes its memory from, and when it gives it back."""

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8
"""See https://man7.org/linux/man-pages/man3/mallopt.3.html."""


def keep_one_heap() -> None:
    """Let all threads share one heap; to be called before there are any.

    By default glibc gives each of up to eight threads a core a heap of its own, and none of them gives back what a
    request took: a worker then holds 60 to 120 MB that nobody uses. Elsewhere than on glibc nothing is done.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Hand memory that was freed back to the system; elsewhere than on glibc nothing is done."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
