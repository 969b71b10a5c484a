import errno

import pytest

from shortlist_training.demo.trouble import named_fixes
from shortlist_training.errors import DemoError


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "demo/data"), ["demo/data", "free 1000 MB of disk", "--out"]),
        (OSError(errno.EROFS, "Read-only file system"), ["out", "--out"]),
        (MemoryError(), ["close other programs"]),
    ],
)
def test_the_fix_is_named(trouble, words, tmp_path):
    with pytest.raises(DemoError) as caught, named_fixes(tmp_path / "out"):
        raise trouble
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("defect", [OSError(errno.EPIPE, "Broken pipe"), KeyError("a defect")])
def test_what_has_no_fix_stays_what_it_is(defect, tmp_path):
    with pytest.raises(type(defect)), named_fixes(tmp_path):
        raise defect
