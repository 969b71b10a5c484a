"""Figures as tables for people."""

import json

import pytest
from rich.console import Console

from shortlist_bundle.files import open_bundle
from shortlist_training.evaluation.rendering import console, funnel_table, render_metrics


@pytest.fixture(scope="module")
def metrics(trained):
    return open_bundle(trained.bundles, "default", "stable").document("metrics")


def shown(*tables, width=120):
    out = Console(width=width)
    with out.capture() as captured:
        for table in tables:
            out.print(table)
    return captured.get()


def test_every_source_the_shortlist_and_the_reranked_list_have_a_line(metrics):
    for funnel in metrics["ranking"]["judged"]["refitted pair"]:
        text = shown(funnel_table(funnel))
        for name in (*funnel["sources"], "merged shortlist", "reranked"):
            assert name in text
        figure = funnel["end_to_end"]["ndcg@10"]
        assert f"{figure['mean']:.4f} ±{figure['error']:.4f}" in text


def test_both_pairs_are_compared(metrics):
    text = shown(*render_metrics(metrics))
    assert text.count("first pair") == text.count("refitted pair") == len(metrics["ranking"]["judged"]["first pair"])


def test_a_bundle_of_ratings_shows_its_errors():
    metrics = {"ratings": {"model": "scorer", "held_out": 10, "rmse": 0.93456, "mae": None}}
    text = shown(*render_metrics(metrics))
    assert "0.9346" in text
    assert "scorer" in text


def test_what_has_grown_is_shown():
    figures = {
        "from": "0123456789abcdef", "events": {"seen": 5000, "new": 1200}, "values": {"items.brand": 3},
        "customers": {"known": 7, "new": 2, "gone": 1}, "items": {"known": 9, "new": 4, "gone": 0},
        "unread_columns": ["items.maker"],
    }  # fmt: skip
    text = shown(*render_metrics({"warm_start": figures}))
    for said in ("0123456789abcdef", "5,000", "1,200", "values of items.brand", "items.maker, not read"):
        assert said in text


def test_piped_tables_keep_a_figure_on_one_line(capsys, metrics):
    console().print(funnel_table(metrics["ranking"]["judged"]["refitted pair"][0]))
    lines = capsys.readouterr().out.splitlines()
    assert sum("reranked" in line and line.count("±") >= 3 for line in lines) == 1


def test_the_metrics_of_a_bundle_are_plain_json(metrics):
    assert json.loads(json.dumps(metrics)) == metrics
