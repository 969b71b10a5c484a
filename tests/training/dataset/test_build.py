import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_logs import dataset_of, ids_by_customer, log_of, timeless

from shortlist_training.dataset.build import build_dataset
from shortlist_training.errors import ConfigError

EVENTS = [("b", "y", 5.0), ("a", "z", 3.0), ("a", "x", 1.0), ("b", "x", 5.0), ("a", "x", 3.0)]


def steps_by_customer(dataset):
    events = dataset.events
    return {
        dataset.customers.id(row): dataset.steps[events.offsets[row] : events.offsets[row + 1]].tolist()
        for row in range(1, dataset.customer_rows)
    }


def test_every_id_has_a_row_in_the_order_of_the_text_and_row_zero_is_nobody():
    dataset = dataset_of(EVENTS)
    assert [dataset.customers.id(row) for row in range(dataset.customer_rows)] == ["", "a", "b"]
    assert [dataset.items.id(row) for row in range(dataset.item_rows)] == ["", "x", "y", "z"]
    assert dataset.events.lengths.tolist() == [0, 3, 2]
    assert dataset.customers.row("unheard of") == 0
    assert dataset.span() == (1.0, 5.0)


def test_events_are_sorted_by_time_and_equal_times_keep_the_order_of_the_file():
    assert ids_by_customer(dataset_of(EVENTS)) == {"a": ["x", "z", "x"], "b": ["y", "x"]}
    assert ids_by_customer(dataset_of(EVENTS[::-1])) == {"a": ["x", "x", "z"], "b": ["x", "y"]}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 3)), min_size=1, max_size=20))
def test_the_sort_is_that_of_python(events):
    dataset = dataset_of([(customer, item, float(time)) for customer, item, time in events])
    expected = {
        customer: [item for _, item, _ in sorted((e for e in events if e[0] == customer), key=lambda event: event[2])]
        for customer, _, _ in events
    }
    assert ids_by_customer(dataset) == expected
    assert dataset.events.times.tolist() == [
        float(time) for customer in sorted(expected) for time in sorted(e[2] for e in events if e[0] == customer)
    ]


PAIR = st.tuples(
    st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from([1.0, 2.0]), st.sampled_from([None, 3.0, 5.0]),
    st.sampled_from([None, "o1", "o2"]),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PAIR, min_size=1, max_size=20).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_without_times_the_order_of_rows_is_never_used(rows_and_shuffled):
    columns = ("customer_id", "item_id", "value", "rating", "order_id")
    one, other = (build_dataset(log_of(rows, columns=columns), seed=3) for rows in rows_and_shuffled)
    assert one.events.items.tolist() == other.events.items.tolist()
    assert one.events.values.tolist() == other.events.values.tolist()
    assert one.events.times.tolist() == [0.0] * len(one.events.items)
    np.testing.assert_array_equal(one.ratings, other.ratings)
    assert one.steps.tolist() == other.steps.tolist()


def test_without_times_the_seed_decides_the_order():
    rows = [("a", f"i{number:02}") for number in range(30)]
    orders = [ids_by_customer(timeless(rows, seed=seed))["a"] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != sorted(orders[0])
    assert not timeless(rows).has_times
    assert timeless(rows).span() == (0.0, 0.0)


def test_values_and_ratings_stay_beside_their_events():
    columns = ("customer_id", "item_id", "timestamp", "value", "rating")
    dataset = dataset_of([("a", "x", 9.0, 2.0, None), ("a", "y", 1.0, 3.0, 4.0)], columns=columns)
    assert ids_by_customer(dataset) == {"a": ["y", "x"]}
    assert dataset.events.values.tolist() == [3, 2]
    assert dataset.ratings[0] == 4
    assert np.isnan(dataset.ratings[1])
    assert dataset_of(EVENTS).ratings is None


def test_without_orders_every_event_is_a_step_of_its_own():
    assert steps_by_customer(dataset_of(EVENTS)) == {"a": [0, 1, 2], "b": [0, 1]}


def test_an_order_is_one_step():
    columns = ("customer_id", "item_id", "timestamp", "order_id")
    rows = [
        ("a", "x", 1.0, "o1"),
        ("a", "y", 1.0, "o1"),
        ("a", "x", 2.0, None),
        ("a", "y", 2.0, None),
        ("a", "z", 3.0, "o1"),
        ("a", "z", 3.0, "o2"),
        ("b", "x", 1.0, "o2"),
        ("b", "y", 1.0, "o2"),
    ]
    assert steps_by_customer(dataset_of(rows, columns=columns)) == {"a": [0, 0, 1, 2, 3, 4], "b": [0, 0]}


def test_an_order_is_one_step_where_another_one_of_the_same_moment_stands_between_its_lines():
    columns = ("customer_id", "item_id", "timestamp", "order_id")
    rows = [("a", "x", 1.0, "o1"), ("a", "y", 1.0, "o2"), ("a", "z", 1.0, "o1"), ("a", "w", 2.0, "o1")]
    dataset = dataset_of(rows, columns=columns)
    steps = steps_by_customer(dataset)["a"]
    taken = dict(zip(ids_by_customer(dataset)["a"], steps, strict=True))
    assert taken == {"x": 0, "z": 0, "y": 1, "w": 2}


def test_features_stand_in_the_row_of_their_id():
    dataset = dataset_of(
        EVENTS,
        customers={"customer_id": ["b", "c", "a"], "age": [20.0, 30.0, None]},
        items={"item_id": ["z", "w", "x"], "kind": ["k", "l", "k"], "tags": [["s", "t"], [], ["t"]]},
    )
    assert [dataset.customers.id(row) for row in range(dataset.customer_rows)] == ["", "a", "b", "c"]
    assert dataset.customer_encoder.number_names == ("age", "age (missing)")
    assert dataset.customer_features.numbers[:, 1].tolist() == [1, 1, 0, 0]
    assert dataset.customer_features.numbers[2, 0] < dataset.customer_features.numbers[3, 0]
    assert [dataset.items.id(row) for row in range(dataset.item_rows)] == ["", "w", "x", "y", "z"]
    kinds = dataset.item_features.bags["kind"][:, 0].tolist()
    assert kinds[0] == kinds[3] == 0
    assert kinds[2] == kinds[4] > 1
    assert dataset.item_features.bags["tags"].shape == (5, 2)


def test_an_item_that_only_the_table_has_is_in_the_catalogue():
    dataset = dataset_of(EVENTS, items={"item_id": ["never taken"], "kind": ["k"]})
    row = dataset.items.row("never taken")
    assert row > 0
    assert row not in dataset.events.items


def test_when_an_item_can_be_had_is_no_feature():
    items = {"item_id": ["x"], "kind": ["k"], "available_from": [0.0]}
    assert dataset_of(EVENTS, items=items).item_encoder.bag_names == ("kind",)
    assert dataset_of(EVENTS, items=items).item_encoder.number_width == 0


CONTEXT_COLUMNS = ("customer_id", "item_id", "timestamp", "device")
CONTEXT_ROWS = [("b", "x", 5.0, "web"), ("a", "x", 9.0, "app"), ("a", "y", 1.0, "web"), ("b", "y", 6.0, "app")]


@pytest.mark.parametrize("has_times", [True, False])
def test_the_context_of_an_event_stands_beside_it(has_times):
    columns = CONTEXT_COLUMNS if has_times else ("customer_id", "item_id", "device")
    rows = CONTEXT_ROWS if has_times else [(customer, item, device) for customer, item, _, device in CONTEXT_ROWS]
    dataset = dataset_of(rows, columns=columns, context=("device",))
    devices = dataset.context_features.bags["device"][:, 0].tolist()
    code = {word: dataset.context_encoder.encode({"device": [word]}, 1).bags["device"][0, 0] for word in ("web", "app")}
    assert code["web"] != code["app"]
    device_of = {(customer, item): device for customer, item, *_, device in CONTEXT_ROWS}
    customers, items = dataset.customers.ids(dataset.events.owners), dataset.items.ids(dataset.events.items)
    assert devices == [code[device_of[pair]] for pair in zip(customers, items, strict=True)]


def test_context_is_read_only_where_it_is_asked_for():
    dataset = dataset_of(CONTEXT_ROWS, columns=CONTEXT_COLUMNS)
    assert dataset.context_encoder is None
    assert dataset.context_features is None
    with pytest.raises(ConfigError, match=r"no column of context 'devise'\. Did you mean 'device'\?"):
        dataset_of(CONTEXT_ROWS, columns=CONTEXT_COLUMNS, context=("devise",))


def test_without_tables_there_are_rows_without_features():
    dataset = dataset_of(EVENTS)
    assert dataset.customer_features.numbers.shape == (3, 0)
    assert dataset.item_features.numbers.shape == (4, 0)
    assert not dataset.item_features.bags


@pytest.mark.parametrize("columns", [("customer_id", "item_id"), ("customer_id", "item_id", "timestamp")])
def test_a_log_of_one_event(columns):
    dataset = dataset_of([("a", "x", 7.0)[: len(columns)]], columns=columns)
    assert ids_by_customer(dataset) == {"a": ["x"]}
    assert dataset.steps.tolist() == [0]
    assert dataset.span() in {(7.0, 7.0), (0.0, 0.0)}


def test_the_dataset_of_a_log_that_was_read(tmp_path):
    from shortlist_training.log.reading import read_log

    (tmp_path / "interactions.csv").write_text("customer_id,item_id,order_id\n7,1,9\n7,2,9\n8,1,10\n")
    dataset = build_dataset(read_log(tmp_path))
    assert sorted(ids_by_customer(dataset)["7"]) == ["1", "2"]
    assert steps_by_customer(dataset) == {"7": [0, 0], "8": [0]}
