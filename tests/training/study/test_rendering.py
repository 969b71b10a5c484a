"""What was found, for people and as a file."""

import json
import tomllib
from dataclasses import replace

import pytest
from rich.console import Console

from shortlist_training.config.run import RunConfig
from shortlist_training.config.toml import parse_config
from shortlist_training.study.found import Found
from shortlist_training.study.rendering import file_text, render_found, verdict
from shortlist_training.study.trial import Trial


def found(*figures):
    settings = {"scorer.hidden": (64, 32), "scorer.dropout": 0.1}
    trials = [
        Trial(number=n, figure=figure, seconds=12.4, settings={**settings, "scorer.dropout": 0.1 * n})
        for n, figure in enumerate(figures, 1)
    ]
    scorer = replace(RunConfig().scorer, dropout=0.3)
    return Found(trials=tuple(trials), config=replace(RunConfig(), scorer=scorer), stopped="trials")


def shown(tables):
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as captured:
        for table in tables:
            console.print(table)
    return captured.get()


def test_the_tables_hold_every_trial_and_what_changed():
    text = shown(render_found(found(0.4, 0.3, 0.5)))
    rows = [line for line in text.splitlines() if "0." in line]
    assert [word in row for word, row in zip(("0.4000", "-0.1000", "+0.1000"), rows, strict=False)] == [True] * 3
    assert "1, the configuration as it is" in rows[0]
    assert "[scorer] dropout" in rows[3]
    assert "[scorer] hidden" not in text


def test_without_a_better_trial_nothing_changed():
    assert len(list(render_found(found(0.4, 0.4)))) == 1


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((0.4, 0.3, 0.5), "ndcg@20 0.5000 on the tuning window instead of 0.4000: +0.1000 (+25.0%), trial 3 of 3"),
        ((0.0, 0.5), "ndcg@20 0.5000 on the tuning window instead of 0.0000: +0.5000, trial 2 of 2"),
        ((0.4, 0.4), "nothing better than the configuration as it is: ndcg@20 0.4000 on the tuning window"),
    ],
)
def test_the_verdict_is_a_sentence(figures, said):
    assert verdict(found(*figures)) == said


def test_the_file_is_the_best_configuration():
    text = file_text(found(0.4, 0.3, 0.5))
    assert text.startswith("# shortlist tune: ndcg@20 0.5000")
    assert tomllib.loads(text) == {"scorer": {"dropout": 0.3}}
    assert parse_config(tomllib.loads(text)) == found(0.4).config


def test_as_json_nothing_is_left_out():
    told = json.loads(json.dumps(found(0.4, 0.3, 0.5).to_json()))
    assert [entry["trial"] for entry in told["trials"]] == [1, 2, 3]
    assert told["best"] == told["trials"][2]
    assert told["first"]["settings"] == {"scorer.hidden": [64, 32], "scorer.dropout": 0.1}
    assert told["gain"] == pytest.approx(0.1)
