from io import StringIO

from rich.console import Console

from shortlist_training.demo.quality import SERVED, methods, render_quality


def figure(mean, error=0.01):
    return {"ndcg@20": {"mean": mean, "error": error}}


def funnel(mode, served, customers=100, **alone):
    sources = {name: figure(mean) for name, mean in alone.items()}
    return {"mode": mode, "customers": customers, "end_to_end": figure(served), "sources": sources}


ALL = funnel("all", 0.4, own_past=0.38, item_cf=0.2, popularity=0.1, brand_new=0.25)
NEW = funnel("new", 0.06, customers=90, own_past=0.0, item_cf=0.05, popularity=0.04, brand_new=0.01)
RANKING = {"ranking": {"judged": {"refitted pair": [ALL, NEW], "first pair": [NEW]}}, "split": {"kind": "time"}}


def shown(metrics):
    console = Console(width=120, file=StringIO())
    for part in render_quality(metrics):
        console.print(part, highlight=False)
    return console.file.getvalue()


def test_what_is_served_comes_first_and_the_others_by_falling_quality():
    order = [name for name, _ in methods({"all": ALL, "new": NEW})]
    assert order == [SERVED, "the customer's own past", "brand_new", "item-based CF", "popularity of late"]


def test_the_refitted_pair_is_what_is_shown_with_its_standard_errors():
    text = shown(RANKING)
    assert "100 customers, judged on the log's last twelfth" in text
    assert "Shortlist: all sources, reranked   0.4000 ±0.0100   0.0600 ±0.0100" in text
    assert "item-based CF                      0.2000 ±0.0100   0.0500 ±0.0100" in text


def test_a_source_that_can_propose_nothing_has_no_figure():
    (row,) = [line for line in shown(RANKING).splitlines() if "own past" in line]
    assert row.split()[-1] == "-"


def test_a_log_in_which_nothing_is_taken_twice_has_one_column():
    text = shown({"ranking": {"judged": {"refitted pair": [NEW]}}, "split": {"kind": "last"}})
    assert "each customer's last taking" in text
    assert "only new ones" in text
    assert "all items" not in text


def test_ratings_have_their_errors():
    metrics = {"ratings": {"held_out": 1234, "rmse": 0.93571, "mae": None}}
    assert shown(metrics) == "Predicted ratings, 1,234 held out: RMSE 0.936, MAE -\n"
