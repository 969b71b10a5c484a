"""Predicted ratings go on from a bundle: what is known stays, what is new is learnt, and is judged before it is."""

import numpy as np
import polars as pl
import pytest

from shortlist_bundle.files import open_bundle
from shortlist_bundle.packing import unpack_model
from shortlist_training.config.run import RatingsConfig, RunConfig
from shortlist_training.errors import WarmStartError
from shortlist_training.log import read_log
from shortlist_training.origin.opening import open_origin
from shortlist_training.progress import Silent
from shortlist_training.run import train

CONFIG = RunConfig(ratings=RatingsConfig(embedding_size=4, epochs=9, held_out=0.1))


def rated(folder, *, more=False):
    """Write ratings by even and odd: those who are alike like the same; later one more film and customer."""
    rows = [
        (f"c{customer:02}", f"f{film:02}", 5.0 if (customer + film) % 2 == 0 else 1.0)
        for customer in range(12 + more)
        for film in range(12 + more)
        if (customer * 5 + film) % 3 or more
    ]
    folder.mkdir()
    schema = ["customer_id", "item_id", "rating"]
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(folder / "interactions.parquet")
    return read_log(folder)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    root = tmp_path_factory.mktemp("rated")
    train(rated(root / "before"), CONFIG, root / "bundles", Silent())
    return root


def test_it_goes_on(bundles):
    origin = open_origin("stable", bundles / "bundles", "default")
    log = rated(bundles / "after", more=True)
    made = train(log, CONFIG, bundles / "bundles", Silent(), alias="next", origin=origin)
    figures = made.metrics["ratings"]
    known = origin.model.ratings
    assert figures["new"] == figures["ratings"] - 96
    assert figures["epochs"] == origin.model.figures["ratings"]["epochs"]
    # Nothing may be compared with the figure of ratings held out at random.
    assert figures["rmse"] is None
    assert figures["new_rmse"] > 0
    model = unpack_model(open_bundle(bundles / "bundles", "default", "next"))
    assert "c12" in model.customers
    moved = np.abs(model.ratings.items[1:13] - known.items[1:])
    # A few steps of Adam, from where they stood.
    assert 0 < moved.max() < 0.5
    assert np.corrcoef(model.ratings.item_bias[1:13], known.item_bias[1:])[0, 1] > 0.5


def test_another_width_is_fitted_from_scratch(bundles):
    said = []

    class Told(Silent):
        def say(self, text):
            said.append(text)

    origin = open_origin("stable", bundles / "bundles", "default")
    wider = RunConfig(ratings=RatingsConfig(embedding_size=8, epochs=2))
    made = train(read_log(bundles / "before"), wider, bundles / "wider", Told(), origin=origin)
    assert "ratings: their model is fitted from scratch" in said
    assert made.metrics["ratings"]["rmse"] is not None


def test_a_log_of_lists_is_told(bundles, tmp_path):
    folder = tmp_path / "log"
    folder.mkdir()
    rows = {"customer_id": ["a", "a", "b"], "item_id": ["x", "y", "x"]}
    pl.DataFrame(rows).write_parquet(folder / "interactions.parquet")
    origin = open_origin("stable", bundles / "bundles", "default")
    with pytest.raises(WarmStartError, match=r"\[data\] feedback was 'ratings' and is 'implicit'"):
        train(read_log(folder), CONFIG, tmp_path / "b", Silent(), origin=origin)
