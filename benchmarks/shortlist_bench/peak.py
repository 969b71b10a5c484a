"""The most memory that this process has held at once."""

import resource
import sys


def peak_gigabytes() -> float:
    """Return the peak of resident memory since the start of the process, in 10^9 bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e9
