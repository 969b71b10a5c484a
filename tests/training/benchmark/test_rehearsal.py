import pytest

from shortlist_training.benchmark.rehearsal import beside_rehearsals


def task(name, *, k=10, part="last", **means):
    rows = [
        {"method": method, "figures": {"ndcg": {"mean": mean, "error": 0.03, "spread": None}}}
        for method, mean in means.items()
    ]
    return {"task": name, "k": k, "parts": [{"part": part, "methods": rows}]}


def test_methods_of_both_are_compared_as_independent_figures():
    """By hand: two errors of 0.03 make one of 0.0424, and twice that is noise."""
    rehearsal = task("films-rehearsal", shortlist=0.3, ease=0.3, popularity=0.1)
    (found,) = beside_rehearsals([task("films", shortlist=0.4, ease=0.38, sasrec=0.5), rehearsal])
    rows = {row["method"]: row for row in found["methods"]}
    assert list(rows) == ["shortlist", "ease"]
    assert rows["shortlist"]["difference"] == pytest.approx({"mean": 0.1, "error": 0.0424}, abs=1e-4)
    assert (rows["shortlist"]["ahead"], rows["ease"]["ahead"]) == (True, False)


@pytest.mark.parametrize(
    "tasks",
    [
        [task("films", shortlist=0.4)],
        [task("films-rehearsal", shortlist=0.4)],
        [task("films", shortlist=0.4), task("books-rehearsal", shortlist=0.4)],
        [task("films", shortlist=0.4), task("films-rehearsal", part="all", shortlist=0.4)],
        [task("films", shortlist=0.4), task("films-rehearsal", k=20, shortlist=0.4)],
    ],
)
def test_what_has_no_counterpart_stands_beside_nothing(tasks):
    assert beside_rehearsals(tasks) == []
