"""The report that people read."""

import re

import pytest
from fake_peers import BAD, BROKEN, GOOD, FakeOurs, course

from shortlist_bundle.files import open_bundle
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.ours import Ours
from shortlist_training.benchmark.rehearsal import beside_rehearsals
from shortlist_training.benchmark.report.document import report_document, shown_command
from shortlist_training.benchmark.report.page import write_page
from shortlist_training.benchmark.results import Results

OURS, SHORT = Method(name="shortlist"), Method(name="shortlist@2", budget=2.0)


@pytest.fixture
def document(task, trained, tmp_path):
    methods = [OURS, SHORT, GOOD, BAD, BROKEN]
    course(tmp_path, ours=FakeOurs()).run([task], methods, [0, 1])
    found = report_document(Results(tmp_path), Ours(out=tmp_path), [task], methods, [0, 1], "shortlist bench quality x")
    metrics = open_bundle(trained.bundles, "default", "stable").document("metrics")
    found["tasks"][0]["bundles"] = [{"run": "seed-0", "bundle": "b", "metrics": metrics}]
    return found


@pytest.fixture
def page(document, tmp_path):
    file = tmp_path / "docs" / "quality.md"
    assert write_page(document, file, plots=file.parent / "plots") == file.read_text()
    return file


def tables(text):
    """Return the tables of a page, each a list of rows of cells."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    return [[re.split(r"(?<!\\)\|", line)[1:-1] for line in table.strip().splitlines()] for table in found]


def test_every_table_has_as_many_cells_in_every_row(page):
    found = tables(page.read_text())
    assert len(found) >= 7
    assert all(len({len(row) for row in table}) == 1 for table in found)


def test_it_shows_figures_differences_and_failures(page):
    text = page.read_text()
    assert "| **shortlist** | 1.0000 ±0.0000 (0.0000) |" in text
    assert "-1.0000 [-1.0000, -1.0000]" in text
    assert "| planted-rehearsal | broken | 0 | torch is not installed |" in text
    assert "own_past alone" in text
    assert "**ranked by the scorer**" in text
    assert "| list | recall@10 | recall@20 | recall@50 | recall@100 | recall@200 | nDCG@20 | candidates |" in text
    assert re.search(r"Merging adds [+-]0\.\d{4} ±0\.\d{4} of recall.* the scorer adds [+-]0\.\d{4} ±", text)
    assert re.search(r"\| tail items \| \d+ \|  \| 0\.\d{4} ±", text)
    assert "## Rehearsal and judged" not in text


def test_a_bundle_that_was_measured_before_all_this_is_shown_all_the_same(document, tmp_path):
    (bundle,) = document["tasks"][0]["bundles"]
    for funnel in bundle["metrics"]["ranking"]["judged"]["refitted pair"]:
        del funnel["shortlist"]["gain on the best source"]
        for figures in funnel["sources"].values():
            del figures["recall@50"], figures["recall@100"]
    text = write_page(document, None, plots=tmp_path)
    assert "The scorer adds" in text
    assert "Merging adds" not in text


def test_a_judged_task_stands_beside_its_rehearsal(document, tmp_path):
    (rehearsal,) = document["tasks"]
    judged = {**rehearsal, "task": "planted", "bundles": []}
    (again,) = beside_rehearsals([rehearsal, judged])[:1]
    assert (again["task"], again["part"], again["k"]) == ("planted", "new", 3)
    document["tasks"] = [rehearsal, judged]
    document["rehearsals"] = beside_rehearsals(document["tasks"])
    text = write_page(document, None, plots=tmp_path)
    assert "planted, new, nDCG@3:" in text
    assert "| shortlist | 1.0000 ±0.0000 (0.0000) | 1.0000 ±0.0000 (0.0000) | +0.0000 ±0.0000 |  |" in text


def test_it_links_to_a_picture_beside_it(page):
    (link,) = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text())
    picture = page.parent / link
    assert link == "plots/quality-planted-rehearsal.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_same_figures_make_the_same_picture(document, tmp_path):
    for name in ("one", "two"):
        write_page(document, None, plots=tmp_path / name)
    first, second = ((tmp_path / name / "quality-planted-rehearsal.png").read_bytes() for name in ("one", "two"))
    assert first == second


def test_the_command_names_no_places(tmp_path):
    folder = tmp_path / "movielens"
    folder.mkdir()
    shown = shown_command(["bench", "quality", str(folder), "--out", "/somewhere/out", "--seeds", "0,1"], [folder])
    assert shown == "shortlist bench quality movielens --out out --seeds 0,1"


def test_the_machine_has_no_name(document):
    import platform

    assert document["machine"]["cores"] >= 1
    assert platform.node() not in str(document["machine"])
