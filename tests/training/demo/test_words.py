from pathlib import Path

import pytest

from shortlist_training.demo.words import MINUTES, what_next, what_will_happen


def test_beforehand_it_says_what_it_does_downloads_and_takes():
    said = what_will_happen(Path("demo"), None, None)
    assert "Complete Journey" in said
    assert "Download: nothing" in said
    assert f"about {MINUTES} minutes on two quiet cores" in said


@pytest.mark.parametrize(
    ("folder", "budget", "words"),
    [(Path("mine"), None, "as long as this log needs"), (Path("mine"), 2.5, "2.5 minutes"), (None, 3.0, "3 minutes")],
)
def test_how_long_it_takes(folder, budget, words):
    assert words in what_will_happen(Path("demo"), folder, budget)


def test_the_commands_to_go_on_with_can_be_pasted():
    said = what_next("shortlist", Path("my demo/bundles"), "c 7")
    assert len(said) == 5
    assert said[0].startswith("shortlist serve --bundles 'my demo/bundles' ")
    assert "recommend 'c 7' --explain" in said[1]
