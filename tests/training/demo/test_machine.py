import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shortlist_training.demo import machine
from shortlist_training.demo.machine import DISK_MB, MEMORY_MB, Machine, check, free_disk, free_memory, look, shortages
from shortlist_training.errors import DemoError

ENOUGH = Machine(python=(3, 12), disk=DISK_MB, memory=MEMORY_MB, missing=())
HERE = Path("demo")


def test_a_machine_with_just_enough_passes():
    check(ENOUGH, HERE)


@pytest.mark.parametrize(
    ("short", "fix"),
    [
        ({"python": (3, 10)}, "3.11, 3.12 or 3.13"),
        ({"python": (3, 14)}, "3.11, 3.12 or 3.13"),
        ({"disk": DISK_MB - 1}, "--out"),
        ({"memory": MEMORY_MB - 1}, "or container"),
        ({"missing": ("keras",)}, "pip install 'shortlist[training]'"),
    ],
)
def test_every_shortage_names_its_fix(short, fix):
    (said,) = shortages(replace(ENOUGH, **short), HERE)
    assert fix in said


def test_all_shortages_are_named_at_once():
    with pytest.raises(DemoError) as caught:
        check(Machine(python=(3, 9), disk=1, memory=2, missing=("keras", "grpc")), HERE)
    for word in ("3.9", "keras, grpc", "1 MB of disk", "2 MB of memory"):
        assert word in str(caught.value)


def test_memory_that_cannot_be_told_is_not_short():
    check(replace(ENOUGH, memory=None), HERE)


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path):
    wanted = shutil.disk_usage(tmp_path).free / 1e6
    assert free_disk(tmp_path / "not" / "yet") == pytest.approx(wanted, rel=0.1)


def test_the_memory_of_the_machine(tmp_path):
    information = tmp_path / "meminfo"
    information.write_text("MemTotal:       8000000 kB\nMemAvailable:   4000000 kB\n")
    assert free_memory(information, tmp_path / "nothing") == 4096


@pytest.mark.parametrize(("limit", "free"), [("3000000000\n", 2000), ("max\n", 4096), ("90000000000\n", 4096)])
def test_a_container_with_less_memory_than_its_machine(tmp_path, limit, free):
    information = tmp_path / "meminfo"
    information.write_text("MemAvailable:   4000000 kB\n")
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text("1000000000\n")
    assert free_memory(information, tmp_path) == free


def test_a_machine_without_figures_tells_its_whole_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1_000_000}.__getitem__)
    assert free_memory(tmp_path / "nothing", tmp_path) == 4096


def test_a_look_at_this_machine_finds_the_packages_that_the_tests_need(tmp_path):
    found = look(tmp_path)
    assert found.python == sys.version_info[:2]
    assert found.missing == ()


def test_a_look_finds_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "PACKAGES", ("grpc", "no_such_package"))
    assert look(tmp_path).missing == ("no_such_package",)


def test_the_project_and_the_demo_want_the_same_pythons():
    import tomllib

    from packaging.specifiers import SpecifierSet

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    wanted = SpecifierSet(project["requires-python"])
    for minor in range(9, 17):
        fits = not any(True for _ in shortages(replace(ENOUGH, python=(3, minor)), HERE))
        assert fits == wanted.contains(f"3.{minor}.0")
