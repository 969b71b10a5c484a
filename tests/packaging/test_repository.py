import shutil
import subprocess

import pytest

LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}


@pytest.fixture(scope="module")
def tracked(root):
    if not shutil.which("git") or not (root / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


def test_no_lock_file_is_tracked(tracked):
    assert not [path for path in tracked if path.rsplit("/", 1)[-1] in LOCKS]


def test_nothing_made_by_a_run_is_tracked(tracked):
    made = (".venv", "__pycache__", ".hypothesis", ".mypy_cache", "dist/", "build/", "bundles/", "data/", "demo/")
    assert not [path for path in tracked if path.startswith(made) or "__pycache__" in path]


def test_no_tracked_file_is_large(root, tracked):
    large = 1_000_000
    assert not [path for path in tracked if (root / path).is_file() and (root / path).stat().st_size > large]
