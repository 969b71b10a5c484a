"""What is written answers as the model did."""

import pytest
from small_models import model_of

from shortlist_bundle.files import open_bundle
from shortlist_bundle.golden import replay
from shortlist_bundle.packing import unpack_model
from shortlist_training.config.run import RunConfig
from shortlist_training.stages.publish import publish


@pytest.fixture
def model():
    return model_of()


def test_what_is_published_passes_its_own_golden_requests(model, tmp_path):
    ref = publish(model, RunConfig(), tmp_path, name="default", alias="stable", report={"run": {"seconds": {"all": 1}}})
    opened = open_bundle(tmp_path, "default", "stable")
    assert opened.ref == ref
    assert opened.report("run") == {"seconds": {"all": 1}}
    assert replay(opened, unpack_model(opened)).passed
    assert opened.document("config")["run"]["seed"] == 0


def test_the_report_does_not_count_towards_the_id(model, tmp_path):
    ids = [
        publish(model, RunConfig(), tmp_path / name, name="default", alias="stable", report={"run": {"host": name}})
        for name in ("one", "other")
    ]
    assert ids[0].bundle_id == ids[1].bundle_id
