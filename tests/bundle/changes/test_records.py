"""Records of a file survive what happens to their neighbours."""

from hypothesis import given
from hypothesis import strategies as st

from shortlist_bundle.changes.records import FILE_MARK, MARK, Damage, Record, framed, read_records

datas = st.one_of(st.binary(max_size=40), st.just(MARK), st.just(MARK * 3))


def file_of(records):
    return FILE_MARK + b"".join(map(framed, records))


@given(st.lists(datas, max_size=8))
def test_what_is_written_is_read(payloads):
    records = [Record(number, data) for number, data in enumerate(payloads, start=1)]
    assert list(read_records(file_of(records))) == records


@given(st.lists(datas, min_size=1, max_size=8), st.data())
def test_a_flipped_bit_costs_one_record_and_is_noticed(payloads, draw):
    records = [Record(number, data) for number, data in enumerate(payloads, start=1)]
    whole = file_of(records)
    place = draw.draw(st.integers(len(FILE_MARK), len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place] ^= 1 << draw.draw(st.integers(0, 7))
    found = list(read_records(bytes(damaged)))
    good = [one for one in found if isinstance(one, Record)]
    assert any(isinstance(one, Damage) for one in found)
    assert len(good) == len(records) - 1
    assert {(one.position, one.data) for one in good} < {(one.position, one.data) for one in records}


@given(st.lists(datas, min_size=1, max_size=8), st.data())
def test_a_truncated_file_keeps_what_is_whole(payloads, draw):
    records = [Record(number, data) for number, data in enumerate(payloads, start=1)]
    whole = file_of(records)
    cut = draw.draw(st.integers(0, len(whole) - 1))
    found = list(read_records(whole[:cut]))
    good = [one for one in found if isinstance(one, Record)]
    assert good == records[: len(good)]
    ends = [len(file_of(records[:count])) for count in range(len(records) + 1)]
    assert len(good) == max((count for count, end in enumerate(ends) if end <= cut), default=0)
    assert any(isinstance(one, Damage) for one in found) == (cut not in ends)


def test_a_file_of_something_else_is_damage():
    assert list(read_records(b"something else")) == [Damage(0, 14)]
    assert list(read_records(b"")) == [Damage(0, 0)]
