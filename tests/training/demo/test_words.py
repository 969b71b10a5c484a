from pathlib import Path

from shortlist_training.demo.words import what_next, what_will_happen


def test_beforehand_it_says_what_it_does_downloads_and_takes():
    said = what_will_happen(Path("demo"), None, 6.0)
    assert "Complete Journey" in said
    assert "Download: nothing" in said
    assert "up to about 6 minutes of training" in said


def test_a_log_of_ones_own_takes_what_it_takes():
    said = what_will_happen(Path("demo"), Path("mine"), None)
    assert "the log in mine" in said
    assert "as long as this log needs" in said


def test_the_commands_to_go_on_with_can_be_pasted():
    said = what_next("shortlist", Path("my demo/bundles"), "c 7")
    assert len(said) == 5
    assert said[0].startswith("shortlist serve --bundles 'my demo/bundles' ")
    assert "recommend 'c 7' --explain" in said[1]
