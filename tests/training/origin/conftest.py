"""The small shop's bundle, and its log as it went on: more events, and a few customers, items and words nobody knew."""

import pytest
from grown import grown_shop, write_grown

from shortlist_training.commands.configuration import configured
from shortlist_training.dataset.build import build_dataset
from shortlist_training.log import read_log
from shortlist_training.origin.news import find_news
from shortlist_training.origin.opening import open_origin


@pytest.fixture(scope="package")
def origin(trained):
    return open_origin("stable", trained.bundles, "default")


@pytest.fixture(scope="package")
def grown_folder(tmp_path_factory):
    return write_grown(tmp_path_factory.mktemp("grown") / "shop", grown_shop())


@pytest.fixture(scope="package")
def config(grown_folder):
    return configured(grown_folder, None)


@pytest.fixture(scope="package")
def grown_log(grown_folder, config):
    return read_log(grown_folder, config.data)


@pytest.fixture(scope="package")
def dataset(origin, grown_log, config):
    return build_dataset(grown_log, seed=config.seed, before=origin.specs)


@pytest.fixture(scope="package")
def news(origin, grown_log, dataset, config):
    return find_news(origin, grown_log, dataset, config)[1]
