import polars as pl

from shortlist_training.benchmark.slices import history_slices, item_slices


def test_customers_are_told_apart_by_their_history():
    customers = pl.DataFrame({"history": [0, 4, 5, 100, 5000], "ndcg": [0.0, 1.0, 0.5, 0.2, 0.4], "recall": [0.0] * 5})
    found = {one["events"]: (one["customers"], round(one["ndcg"]["mean"], 6)) for one in history_slices(customers)}
    assert found == {"0-4": (2, 0.5), "5-19": (1, 0.5), "100+": (2, 0.3)}


def test_recall_in_a_quarter_counts_only_who_has_targets_there():
    empty = {f"{what}_{quarter}": [0, 0, 0] for what in ("targets", "hits") for quarter in (1, 2, 3, 4)}
    customers = pl.DataFrame({**empty, "targets_1": [2, 1, 0], "hits_1": [1, 1, 0], "targets_4": [0, 0, 4]})
    first, last = item_slices(customers)
    assert (first["quarter"], first["customers"], first["targets"], first["recall"]["mean"]) == (1, 2, 3, 0.75)
    assert (last["quarter"], last["targets"], last["recall"]["mean"]) == (4, 4, 0.0)
