from pathlib import Path

import pytest

from shortlist_training.errors import DataError
from shortlist_training.log.location import LogPaths, locate


@pytest.fixture
def touch(tmp_path: Path):  # type: ignore[no-untyped-def]
    def touch_all(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return touch_all


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["interactions.csv"], ["interactions.csv"]),
        (["interactions.parquet", "interactions_old.parquet", "notes.txt"], ["interactions.parquet"]),
        (["interactions.csv.gz"], ["interactions.csv.gz"]),
        (["interactions-10.csv", "interactions-9.csv"], ["interactions-9.csv", "interactions-10.csv"]),
        (
            ["interactions-0001.parquet", "interactions_0002.parquet"],
            ["interactions-0001.parquet", "interactions_0002.parquet"],
        ),
        (["interactions-00000-of-00002.csv", "interactions-00001-of-00002.csv"],) * 2,
        (
            ["interactions/b.csv", "interactions/a.csv", "interactions/_SUCCESS"],
            ["interactions/a.csv", "interactions/b.csv"],
        ),
        (["interactions/part-10.parquet", "interactions/part-2.parquet"],) * 2,
        (["interactions.parquet/part-0-c000.snappy.parquet"],) * 2,
    ],
)
def test_files_of_a_table(touch, names: list[str], expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    folder = touch(*names)

    assert set(locate(folder)) == {"interactions"}
    found = [str(path.relative_to(folder)) for path in locate(folder)["interactions"].paths]
    assert found == (sorted(expected, key=len) if "part-2" in str(expected) else expected)


def test_all_three_tables(touch) -> None:  # type: ignore[no-untyped-def]
    folder = touch("interactions.csv", "customers.parquet", "items/1.csv")

    assert list(locate(folder)) == ["interactions", "customers", "items"]
    assert list(locate(str(folder))) == ["interactions", "customers", "items"]


def test_explicit_paths(touch) -> None:  # type: ignore[no-untyped-def]
    folder = touch("events.csv", "goods/1.csv", "goods/2.csv")

    found = locate(LogPaths(interactions=folder / "events.csv", items=folder / "goods"))

    assert [path.name for path in found["interactions"].paths] == ["events.csv"]
    assert [path.name for path in found["items"].paths] == ["1.csv", "2.csv"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "it is empty"),
        (["interaction.csv"], "Rename 'interaction.csv'"),
        (["ratings.csv", "users.csv"], "it holds ratings.csv, users.csv"),
        (["interactions.csv", "interactions.parquet"], "more than once: interactions.csv, interactions.parquet"),
        (["interactions.csv", "interactions-1.csv"], "more than once"),
        (["interactions.csv", "interactions/1.csv"], "more than once"),
        (["interactions/1.csv", "interactions/2.parquet"], "mixed formats: 1.csv and 2.parquet"),
        (["interactions/day=1/1.parquet"], "folders inside"),
        (["interactions/_SUCCESS"], "holds no file"),
        (["interactions/1.json"], "neither Parquet nor CSV"),
    ],
)
def test_what_cannot_be_found(touch, names: list[str], words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError) as caught:
        locate(touch(*names))

    assert words in str(caught.value)


def test_missing_places(touch) -> None:  # type: ignore[no-untyped-def]
    folder = touch("interactions.csv")

    with pytest.raises(DataError, match="no such folder"):
        locate(folder / "absent")
    with pytest.raises(DataError, match="a file, not a folder"):
        locate(folder / "interactions.csv")
    with pytest.raises(DataError, match="no such file"):
        locate(LogPaths(interactions=folder / "absent.csv"))
