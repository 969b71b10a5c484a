import os
import subprocess
import sys

import pytest


@pytest.fixture
def run(root, tmp_path):
    """Run a tool with a PATH that holds the programs of the system and, first, those of the test."""

    def run(name, *arguments, **variables):
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", **variables}
        return subprocess.run(
            [root / "tools" / name, *arguments], env=environment, cwd=root, capture_output=True, text=True, check=False
        )

    return run


def program(folder, name, text):
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def hide(folder):
    """Put programs that fail in front of whatever Pythons the system has."""
    for name in ("python3.11", "python3.12", "python3.13", "python3"):
        program(folder, name, "exit 127")


def test_it_finds_a_python_that_runs(run, tmp_path):
    hide(tmp_path)
    program(tmp_path, "python3.12", f'exec {sys.executable} "$@"')
    found = run("find-python.sh")
    assert found.stdout.strip() == str(tmp_path / "python3.12")


def test_it_takes_the_python_it_is_told(run, tmp_path):
    hide(tmp_path)
    assert run("find-python.sh", PYTHON=sys.executable).stdout.strip() == sys.executable


def test_it_says_that_no_python_fits(run, tmp_path):
    hide(tmp_path)
    found = run("find-python.sh")
    assert found.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13" in found.stderr
    assert "PYTHON=" in found.stderr


def test_it_says_that_the_python_it_is_told_does_not_fit(run, tmp_path):
    program(tmp_path, "old", "exit 1")
    found = run("find-python.sh", PYTHON="old")
    assert found.returncode == 1
    assert "PYTHON=old" in found.stderr


def test_it_says_that_a_python_lacks_venv(run, tmp_path):
    hide(tmp_path)
    program(tmp_path, "python3.11", 'case "$2" in *venv*) exit 1 ;; esac')
    found = run("find-python.sh")
    assert found.returncode == 1
    assert "python3-venv" in found.stderr


def test_the_preflight_says_what_will_happen(run):
    passed = run("preflight.sh", PYTHON=sys.executable, NEED_DISK_MB="1", NEED_MEMORY_MB="1")
    assert passed.returncode == 0, passed.stderr
    assert "0.7 GB" in passed.stdout
    assert "minutes" in passed.stdout


def test_the_preflight_downloads_nothing_where_the_environment_is_there(run):
    passed = run("preflight.sh", os.devnull, PYTHON=sys.executable, NEED_DISK_MB="1", NEED_MEMORY_MB="1")
    assert "Download: nothing" in passed.stdout


@pytest.mark.parametrize(("need", "fix"), [("NEED_DISK_MB", "Free some"), ("NEED_MEMORY_MB", "Close other programs")])
def test_the_preflight_names_what_is_short_and_the_fix(run, need, fix):
    enough = {"NEED_DISK_MB": "1", "NEED_MEMORY_MB": "1"}
    failed = run("preflight.sh", PYTHON=sys.executable, **{**enough, need: "999999999"})
    assert failed.returncode == 1
    assert failed.stderr.count("error:") == 1
    assert fix in failed.stderr


def test_the_preflight_names_every_shortage_at_once(run, tmp_path):
    hide(tmp_path)
    failed = run("preflight.sh", NEED_DISK_MB="999999999", NEED_MEMORY_MB="999999999")
    assert failed.stderr.count("error:") == 3
