import io
import re

import pytest

from shortlist_training import progress
from shortlist_training.progress import Lines, Silent, Terminal, progress_for


@pytest.fixture
def clock(monkeypatch):
    """Stand in for the time; the test moves it."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_lines_show_name_share_speed_and_loss(clock):
    out = io.StringIO()
    with Lines(out, every=5.0).stage("two-tower", 1000) as bar:
        clock.now += 10
        bar.advance(250, loss=1.23456)
        assert out.getvalue() == "two-tower: 25%, 25/s, loss 1.2346\n"
        bar.note("tuning 0.5000 (best 0.5000)")
        clock.now += 10
        bar.advance(750)
    assert out.getvalue().splitlines()[1:] == [
        "two-tower: 100%, 50/s, loss 1.2346, tuning 0.5000 (best 0.5000)",
        "two-tower: done in 20.0 s, loss 1.2346, tuning 0.5000 (best 0.5000)",
    ]


def test_lines_are_at_most_one_every_few_seconds(clock):
    out = io.StringIO()
    with Lines(out, every=5.0).stage("scorer", 100) as bar:
        for _ in range(100):
            clock.now += 0.1
            bar.advance(1)
        assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().splitlines()[-1] == "scorer: done in 10.0 s"


def test_a_stage_of_nothing_ends_too(clock):
    out = io.StringIO()
    with Lines(out).stage("nothing", 0):
        pass
    assert out.getvalue() == "nothing: done in 0.0 s\n"


def test_say_prints_one_line():
    out = io.StringIO()
    Lines(out).say("[split] time")
    assert out.getvalue() == "[split] time\n"


def test_a_stage_that_fails_does_not_say_that_it_is_done():
    out = io.StringIO()
    with pytest.raises(ZeroDivisionError), Lines(out).stage("broken", 3):
        _ = 1 / 0
    assert "done" not in out.getvalue()


def test_silence_answers_like_the_others(capsys):
    with Silent().stage("any", 3) as bar:
        bar.advance(1, loss=2.0)
        bar.note("remark")
    Silent().say("anything")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_a_bar_with_details():
    from rich.console import Console

    out = io.StringIO()
    shown = Terminal()
    shown.console = Console(file=out, force_terminal=True, width=120)
    shown.say("[not markup]")
    with shown.stage("two-tower", 10) as bar:
        bar.advance(4, loss=1.5)
        bar.note("tuning 0.25")
        bar.advance(6)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "[not markup]" in text
    assert "two-tower" in text
    assert "100%" in text
    assert "loss 1.5000  tuning 0.25" in text


def test_where_nobody_watches_there_are_lines():
    assert isinstance(progress_for(io.StringIO()), Lines)


def test_where_somebody_watches_there_are_bars():
    class Screen(io.StringIO):
        def isatty(self):
            return True

    assert isinstance(progress_for(Screen()), Terminal)
