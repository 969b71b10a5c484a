"""The files of a search are checked before it begins."""

import pytest

from shortlist_training.errors import ConfigError, OutputError
from shortlist_training.study.files import Files


def test_the_study_lies_beside_the_configuration(tmp_path):
    files = Files.of(tmp_path / "deep" / "tuned.toml", None, base=None)
    assert files.study == tmp_path / "deep" / "tuned.study"
    files.write("# é\n")
    files.write("# again é\n")
    assert files.out.read_text(encoding="utf-8") == "# again é\n"


def test_the_configuration_that_it_starts_from_is_not_overwritten(tmp_path):
    base = tmp_path / "shortlist.toml"
    for out, study in ((base, None), (tmp_path / "x.toml", base), (tmp_path / "." / "shortlist.toml", None)):
        with pytest.raises(ConfigError, match=r"shortlist\.toml: the search starts from this file"):
            Files.of(out, study, base=base)


def test_one_file_cannot_be_both(tmp_path):
    with pytest.raises(ConfigError, match="both"):
        Files.of(tmp_path / "a.study", None, base=None)


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"a\.toml: cannot be written"):
        Files.of(tmp_path / "file" / "a.toml", None, base=None)
    with pytest.raises(OutputError, match="is a folder"):
        Files.of(tmp_path, tmp_path / "a.study", base=None)
    with pytest.raises(OutputError, match="cannot be written"):
        Files(tmp_path, tmp_path / "a.study").write("")
