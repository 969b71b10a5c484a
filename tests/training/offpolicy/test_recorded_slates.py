"""The log of a server is read as slates: what was shown with its probabilities, and which of it events name."""

from shortlist_bundle.changes.change import CustomerForgotten, EventRecorded
from shortlist_bundle.changes.records import FILE_MARK, Record, framed
from shortlist_bundle.impressions.encoding import write_impression
from shortlist_bundle.impressions.impression import Impression
from shortlist_bundle.impressions.reading import IMPRESSIONS, SUFFIX
from shortlist_server.changes.disk_log import DiskLog
from shortlist_training.offpolicy.recorded_slates import recorded_slates
from shortlist_training.offpolicy.slates import read_log


def shown(name, customer, *items, **rest):
    return Impression(
        impression_id=name, moment=5.0, as_of=4.0, rate=1.0, model="default", version="v1", bundle_id="0",
        customer_id=customer, item_ids=items, scores=(0.0,) * len(items), **rest,
    )  # fmt: skip


def taken(name, customer, impression, item, rank):
    return EventRecorded(
        event_id=name, customer_id=customer, item_id=item, timestamp=6.0, impression_id=impression, rank=rank
    )  # fmt: skip


def test_impressions_and_events_make_slates(tmp_path):
    disk = DiskLog(tmp_path)
    disk.append([
        taken("e1", "ann", "s1", "y", 1), taken("e2", "ann", "s1", "y", 1), taken("e3", "bob", "s2", "x", 0),
        taken("e4", "ann", "", "x", None), CustomerForgotten(customer_id="bob"),
    ])  # fmt: skip
    disk.close()
    impressions = [
        shown("s1", "ann", "x", "y", policy="boltzmann", propensities=(0.5, 0.25), seed=7),
        shown("s2", "bob", "x"),
        shown("s3", None, "y"),
    ]
    (tmp_path / IMPRESSIONS).mkdir(exist_ok=True)
    records = b"".join(framed(Record(number, write_impression(one))) for number, one in enumerate(impressions, 1))
    (tmp_path / IMPRESSIONS / f"1{SUFFIX}").write_bytes(FILE_MARK + records)
    assert recorded_slates(tmp_path).rows() == [
        ("s1", "ann", 4.0, 0, "x", 0.5, 0.0, "boltzmann", 7),
        ("s1", "ann", 4.0, 1, "y", 0.25, 1.0, "boltzmann", 7),
        ("s3", None, 4.0, 0, "y", 1.0, 0.0, "none", None),
    ]
    assert read_log(tmp_path)["reward"].to_list() == [0.0, 1.0, 0.0]
