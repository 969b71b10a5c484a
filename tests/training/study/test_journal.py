"""The file of a study: gone on with by the same search, refused by another."""

import pytest
from planted_study import FINGERPRINTS, base, figure, journal, searched

from shortlist_training.errors import ConfigError, OutputError


def test_another_process_finds_what_was_kept(tmp_path):
    first = journal(tmp_path / "a.study")
    searched(first, most=3, seconds=7.25)
    again = journal(tmp_path / "a.study")
    assert again.trials() == first.trials()
    assert [(trial.number, trial.seconds) for trial in again.trials()] == [(1, 7.25), (2, 7.25), (3, 7.25)]
    assert all(trial.figure == figure(again.space.config(trial.settings)) for trial in again.trials())


@pytest.mark.parametrize(
    ("name", "said"), [("data", "for other data"), ("configuration", "another configuration"), ("space", "a version")]
)
def test_a_study_made_for_something_else_is_refused(tmp_path, name, said):
    searched(journal(tmp_path / "a.study"), most=1)
    with pytest.raises(ConfigError, match=rf"a\.study.*{said}.*--study"):
        journal(tmp_path / "a.study", **{name: "other"})
    assert len(journal(tmp_path / "a.study", **FINGERPRINTS).trials()) == 1


@pytest.mark.parametrize("text", ["[run]\nseed = 3\n", "{}\n", "no line end", '{"op_code": 0}\n{"op_co'])
def test_a_file_that_is_no_study_is_left_alone(tmp_path, text):
    (tmp_path / "a.study").write_text(text)
    with pytest.raises(ConfigError, match="not the file of a study"):
        journal(tmp_path / "a.study")
    assert (tmp_path / "a.study").read_text() == text


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        journal(tmp_path / "nowhere" / "a.study")


def test_a_dropped_draw_is_drawn_again(tmp_path):
    opened = journal(tmp_path / "a.study")
    searched(opened, most=2)
    draw = opened.draw()
    opened.drop(draw)
    assert journal(tmp_path / "a.study").draw().settings == draw.settings
    assert len(opened.trials()) == 2


def test_what_a_process_died_of_is_not_drawn_again(tmp_path):
    opened = journal(tmp_path / "a.study")
    searched(opened, most=2)
    assert opened.draw().settings != journal(tmp_path / "a.study").draw().settings


def test_a_first_trial_that_never_ended_is_still_the_first(tmp_path):
    opened = journal(tmp_path / "a.study")
    opened.draw()
    assert journal(tmp_path / "a.study").draw().settings == opened.space.start


def test_the_seed_decides_what_is_drawn(tmp_path):
    once, again, other = (
        searched(journal(tmp_path / name, config=base(seed)), most=4).trials
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert once == again
    assert once[0] == other[0]
    assert all(a.settings != b.settings for a, b in zip(once[1:], other[1:], strict=True))
