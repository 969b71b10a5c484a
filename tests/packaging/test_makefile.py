import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture(scope="module")
def targets(root):
    return re.findall(r"^\.PHONY: (\S+)$", (root / "Makefile").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def listed(root):
    shown = subprocess.run(["make", "--no-print-directory"], cwd=root, check=True, capture_output=True, text=True)
    return dict(re.findall(r"^  make (\S+) +(\S.*)$", shown.stdout, re.MULTILINE))


def test_make_alone_lists_every_target_with_what_it_does(targets, listed):
    assert set(listed) == set(targets)


@pytest.mark.parametrize(
    "target", ["setup", "test", "test-slow", "lint", "types", "format", "protos", "demo", "clean", "help"]
)
def test_the_documented_targets_exist(targets, target):
    assert target in targets


def test_what_make_test_would_run_ends_with_pytest(root):
    plan = ["make", "--dry-run", "--no-print-directory", "test"]
    shown = subprocess.run(plan, cwd=root, check=True, capture_output=True, text=True)
    assert "pytest -n 2" in shown.stdout.splitlines()[-1]


def test_ci_runs_make_test_and_nothing_after_it(root):
    lines = (root / ".ci" / "run").read_text().splitlines()
    assert lines[-1] == "make test"
