import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def digests(times, *, hash_seed):
    """Fit in a process of its own, because deterministic operations are a setting of the whole process."""
    paths = os.pathsep.join([str(HERE.parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, str(HERE / "twice.py"), str(times)],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": hash_seed, "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_same_seed_gives_the_same_bits():
    first, second = digests(2, hash_seed="1")
    assert first == second


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_in_another_process():
    # With other hashes of text, so that no order of a set can decide anything.
    assert digests(1, hash_seed="1") == digests(1, hash_seed="2")
