"""What decides the meaning of weights must be as it was; whatever is not is named."""

from dataclasses import replace

import polars as pl
import pytest

from shortlist_bundle.features.kinds import ColumnKind
from shortlist_training.errors import WarmStartError
from shortlist_training.origin.agreement import check_agreement, check_sources_agree, unread_columns


def test_what_is_the_same_may_go_on(origin, grown_log, config):
    check_agreement(origin, grown_log, config)


@pytest.mark.parametrize(
    ("section", "changes", "told"),
    [
        ("two_tower", {"embedding_size": 32}, r"\[two_tower\] embedding_size was 16 and is 32"),
        ("two_tower", {"history_length": 50}, r"\[two_tower\] history_length was 20 and is 50"),
        ("two_tower", {"temperature": 0.1}, r"\[two_tower\] temperature was not set and is 0.1"),
        ("scorer", {"hidden": (64, 32)}, r"\[scorer\] hidden was \[16, 8\] and is \[64, 32\]"),
        ("scorer", {"members": 1}, r"\[scorer\] members was 3 and is 1"),
        ("embedding", {"objective": "bpr"}, r"\[embedding\] objective was 'least_squares' and is 'bpr'"),
        (
            "sources",
            {"names": ("own_past", "two_tower")},
            r"\[sources\] names was .* and is \['own_past', 'two_tower'\]",
        ),
    ],
)
def test_a_setting_that_decides_shapes_is_named(origin, grown_log, config, section, changes, told):
    changed = replace(config, **{section: replace(getattr(config, section), **changes)})
    with pytest.raises(WarmStartError, match=f"{told}. Set it back, or train from scratch"):
        check_agreement(origin, grown_log, changed)


def test_settings_of_the_training_alone_may_change(origin, grown_log, config):
    changed = replace(
        config, seed=99, scorer=replace(config.scorer, learning_rate=0.1, rounds=2),
        two_tower=replace(config.two_tower, refit_rounds=3, batch_size=7),
    )  # fmt: skip
    check_agreement(origin, grown_log, changed)


def test_columns_that_are_gone_or_of_another_kind_are_named(origin, grown_log, config):
    columns = {table: dict(known) for table, known in grown_log.columns.items()}
    del columns["customers"]["town"]
    columns["items"]["price"] = ColumnKind.CATEGORY
    with pytest.raises(WarmStartError) as told:
        check_agreement(origin, replace(grown_log, columns=columns), config)
    assert "the column customers.town was of the kind category and is missing" in str(told.value)
    assert "the column items.price was of the kind number and is of the kind category" in str(told.value)


def test_a_log_of_another_nature_is_named(origin, grown_log, config):
    timeless = replace(grown_log, interactions=grown_log.interactions.drop("timestamp"), repeats=not grown_log.repeats)
    with pytest.raises(WarmStartError) as told:
        check_agreement(origin, timeless, config)
    assert "the column 'timestamp' was there and is missing" in str(told.value)
    assert "[data] repeats was True and is False" in str(told.value)


def test_other_sources_are_named(origin, dataset, config):
    check_sources_agree(origin, dataset, config)
    timeless = replace(dataset, has_times=False)
    with pytest.raises(WarmStartError, match=r"its candidate sources were own_past, .*sequence.* and this log has"):
        check_sources_agree(origin, timeless, config)


def test_new_columns_are_not_read_and_told(origin, grown_log):
    assert unread_columns(origin, grown_log) == []
    items = grown_log.items.with_columns(pl.lit("x").alias("maker"))
    columns = {**grown_log.columns, "items": {**grown_log.columns["items"], "maker": ColumnKind.CATEGORY}}
    assert unread_columns(origin, replace(grown_log, items=items, columns=columns)) == ["items.maker"]
