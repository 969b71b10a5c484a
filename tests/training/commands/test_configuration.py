"""The configuration of a command: the file, then what the command line says."""

import pytest

from shortlist_training.commands.configuration import configured
from shortlist_training.config.run import RunConfig
from shortlist_training.errors import ConfigError


def test_without_a_file_everything_is_as_by_default(tmp_path):
    assert configured(tmp_path, None) == RunConfig()


def test_the_file_beside_the_data_is_read_unless_another_is_named(tmp_path):
    (tmp_path / "shortlist.toml").write_text("[run]\nseed = 3\n")
    other = tmp_path / "other.toml"
    other.write_text("[run]\nseed = 4\n")
    assert configured(tmp_path, None).seed == 3
    assert configured(tmp_path, other).seed == 4


def test_the_command_line_wins_where_it_says_something(tmp_path):
    (tmp_path / "shortlist.toml").write_text("[run]\nseed = 3\nbudget_minutes = 5\ndeterministic = false\n")
    config = configured(tmp_path, None, seed=0, deterministic=True)
    assert (config.seed, config.budget_minutes, config.deterministic) == (0, 5.0, True)
    assert configured(tmp_path, None, budget=1.5).budget_minutes == 1.5


def test_a_file_that_cannot_be_meant_is_named(tmp_path):
    (tmp_path / "shortlist.toml").write_text("[run]\nseeds = 3\n")
    with pytest.raises(ConfigError, match=r"shortlist\.toml.*seeds"):
        configured(tmp_path, None)
