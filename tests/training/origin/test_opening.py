"""A bundle is named by alias, by version or by folder, and read by the verified reader."""

import shutil
from dataclasses import replace

import pytest

from shortlist_bundle.errors import BundleDamaged, BundleNotFound
from shortlist_training.errors import WarmStartError
from shortlist_training.origin.chosen import read_chosen
from shortlist_training.origin.lineage import Lineage, lineage_after
from shortlist_training.origin.opening import open_origin, ranking_pair


def test_every_way_to_name_it_finds_the_same(trained, origin, tmp_path):
    version = (trained.bundles / "default" / "aliases" / "stable").read_text().strip()
    for named in (version, trained.bundles / "default" / version, trained.bundles / "default" / "stable"):
        assert open_origin(str(named), trained.bundles, "default").bundle_id == origin.bundle_id
    # A folder says itself where it is.
    assert open_origin(str(trained.bundles / "default" / "stable"), tmp_path, "other").bundle_id == origin.bundle_id
    with pytest.raises(BundleNotFound):
        open_origin("canary", trained.bundles, "default")


def test_a_damaged_bundle_is_refused(trained, tmp_path):
    copy = tmp_path / "bundles"
    shutil.copytree(trained.bundles, copy)
    (kernel,) = copy.glob("default/*/two-tower/mixes.npy")
    data = bytearray(kernel.read_bytes())
    data[-1] ^= 1
    kernel.write_bytes(bytes(data))
    with pytest.raises(BundleDamaged, match=r"two-tower/mixes.npy"):
        open_origin("stable", copy, "default")


def test_a_bundle_without_the_items_side_is_refused(origin):
    older = replace(origin, model=replace(origin.model, item_side=None))
    with pytest.raises(WarmStartError, match=r"written by an older release. Train from scratch once"):
        ranking_pair(older)
    rated = replace(origin, model=replace(origin.model, engine=None))
    with pytest.raises(WarmStartError, match="only predicts ratings"):
        ranking_pair(rated)


def test_what_was_chosen_is_read_from_the_figures(origin):
    found = read_chosen(origin.model.figures)
    fits = origin.model.figures["ranking"]["fits"]
    assert found.split == "time"
    assert found.axes.width == fits["embedding"]["width"]
    assert found.settings.to_json() == {"sequence": fits["sequence"], "linear": fits["linear"]}
    lacking = {"ranking": {"fits": {name: fit for name, fit in fits.items() if name != "linear"}}}
    with pytest.raises(WarmStartError, match=r"do not say what its training chose .*linear.*Train from scratch once"):
        read_chosen({**origin.model.figures, **lacking})


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("embedding", "width", 10**9),
        ("embedding", "fade", float("nan")),
        ("sequence", "reach", -1),
        ("linear", "penalty", "3"),
    ],
)
def test_figures_that_cannot_be_are_refused(origin, part, name, value):
    fits = origin.model.figures["ranking"]["fits"]
    broken = {**fits, part: {**fits[part], name: value}}
    with pytest.raises(WarmStartError, match=f"{name} is"):
        read_chosen({**origin.model.figures, "ranking": {"fits": broken}})


def test_a_line_goes_back_to_its_first_bundle():
    child = lineage_after("aa", None)
    assert child == Lineage(parent="aa", first="aa", generation=1)
    assert lineage_after("bb", child.to_json()) == Lineage(parent="bb", first="aa", generation=2)
    for broken in (7, {}, {"first": "aa", "generation": 0}, {"first": 3, "generation": 1}):
        with pytest.raises(WarmStartError, match="bundle bb: its lineage"):
            lineage_after("bb", broken)
