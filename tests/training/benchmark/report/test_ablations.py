"""The page of the ablations, and its picture."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ablations"))
from measured import write_measured

from shortlist_training.benchmark.ablations.summary import ablation_document
from shortlist_training.benchmark.report.page import write_ablation_page


@pytest.fixture
def document(task, tmp_path):
    write_measured(tmp_path / "out", task)
    return ablation_document(tmp_path / "out", [task], [0, 1], "shortlist bench ablations x")


@pytest.fixture
def page(document, tmp_path):
    file = tmp_path / "docs" / "ablations.md"
    assert write_ablation_page(document, file, plots=file.parent / "plots") == file.read_text()
    return file


def test_every_table_has_as_many_cells_in_every_row(page):
    tables = re.findall(r"(?:^\|.*\|$\n?)+", page.read_text(), re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in table.strip().splitlines()}) == 1


def test_it_shows_effects_with_intervals_and_what_there_was_to_order(page):
    text = page.read_text()
    assert "| own past of the item | 0.2500 ±0.0408 (0.0707) | -0.3000 [-0.3000, -0.3000] |" in text
    assert "| **everything there** | 0.5500 ±0.0408 (0.0707) |" in text
    assert "+0.1000 [+0.1000, +0.1000] against 40 of linear, the best source alone." in text
    assert "the best order there could be has 0.9000 ±0.0000" in text


def test_its_picture_is_the_same_for_the_same_figures(document, page, tmp_path):
    (link,) = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text())
    picture = (page.parent / link).read_bytes()
    assert picture.startswith(b"\x89PNG")
    write_ablation_page(document, None, plots=tmp_path / "again")
    assert (tmp_path / "again" / Path(link).name).read_bytes() == picture


def test_runs_without_a_result_are_listed(document, tmp_path):
    failed = {**document, "tasks": [], "failures": [{"task": "x", "seed": 3, "reason": "too small"}]}
    assert "| x | 3 | too small |" in write_ablation_page(failed, None, plots=tmp_path)


def test_settings_of_a_task_that_are_not_the_defaults_are_said(task, page, tmp_path):
    assert "other than the defaults" not in page.read_text()
    (task.data / "shortlist.toml").write_text("[scorer]\nmembers = 1\nrounds = 30\n[run]\nseed = 7\n")
    write_measured(tmp_path / "set", task)
    text = write_ablation_page(ablation_document(tmp_path / "set", [task], [0], "x"), None, plots=tmp_path / "plots")
    assert "Settings other than the defaults: `scorer.members = 1`." in text
