"""What the scorer learns from, window by window."""

from shortlist_training.config.run import RunConfig
from shortlist_training.progress import Silent
from shortlist_training.stages.scorer import window_lists


def test_no_window_has_no_lists():
    assert window_lists(None, None, [], None, {}, RunConfig(), Silent()) == []
