import sys

import pytest

from shortlist_training.benchmark.child import run_child
from shortlist_training.errors import BenchmarkError


def python(code):
    return [sys.executable, "-c", code]


def test_it_tells_what_a_process_said_and_took(tmp_path):
    took = run_child(python("import os; x = bytes(150_000_000); print(os.environ['GREETING'])"), tmp_path / "log",
                     environment={"GREETING": "hello"})  # fmt: skip
    assert took.output == "hello\n"
    assert took.memory > 150
    assert took.seconds > 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit('error: the reason')", "error: the reason"),
        ("raise ValueError('of the last line')", "^ValueError: of the last line$"),
        ("import sys; sys.exit(4)", "ended with 4"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    ],
)
def test_a_failure_says_why(tmp_path, code, reason):
    with pytest.raises(BenchmarkError, match=reason):
        run_child(python(code), tmp_path / "log")


def test_what_takes_too_long_is_ended(tmp_path):
    with pytest.raises(BenchmarkError, match=r"after 0\.005 minutes"):
        run_child(python("import time; time.sleep(60)"), tmp_path / "log", minutes=0.005)


def test_what_it_leaves_is_left_in_its_folder(tmp_path):
    run_child(python("open('left', 'w').close()"), tmp_path / "log", folder=tmp_path)
    assert (tmp_path / "left").exists()
