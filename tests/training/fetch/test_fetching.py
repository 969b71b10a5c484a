import hashlib
import io
import zipfile
from email.message import Message
from pathlib import Path

import polars as pl
import pytest

from shortlist_training.errors import FetchError, OutputError
from shortlist_training.fetch import DATA_SETS, Archive, Checksum, DataSet, downloading, fetch
from shortlist_training.fetch.downloading import check, download
from shortlist_training.fetch.unpacking import unpack
from shortlist_training.log import read_log
from shortlist_training.progress import Silent

ROWS = "userId,movieId,rating,timestamp\n1,307,3.5,1256677221\n"


def read_table(folder: Path) -> dict[str, pl.DataFrame]:
    names = {"userId": "customer_id", "movieId": "item_id"}
    return {"interactions": pl.read_csv(folder / "ratings.csv").rename(names)}


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


PACKED = zipped({"ml/ratings.csv": ROWS, "../evil.txt": "x", "ml/other.csv": "y"})


def data_set(url: str = "https://example.org/ml.zip", packed: bytes = PACKED) -> DataSet:
    checksum = Checksum("sha256", hashlib.sha256(packed).hexdigest())
    archive = Archive(url=url, checksum=checksum, files=("ml/ratings.csv",), read=read_table)
    return DataSet(name="ml", notice="Somebody's data.\n", source=archive)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "ml.zip"
    path.write_bytes(PACKED)
    return path


def test_from_an_archive_that_is_there(tmp_path: Path, packed: Path) -> None:
    fetch(data_set(), tmp_path / "log", archive=packed)

    assert read_log(tmp_path / "log").interactions.height == 1
    assert (tmp_path / "log" / "NOTICE.txt").read_text() == "Somebody's data.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "ml.zip"]


class Reply(io.BytesIO):
    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.headers = Message()
        self.headers["Content-Length"] = str(len(content))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def answer(request, timeout: float) -> Reply:  # type: ignore[no-untyped-def]
        asked.append(request.full_url)
        return Reply(PACKED)

    monkeypatch.setattr(downloading, "urlopen", answer)
    return asked


def test_from_the_web(tmp_path: Path, web: list[str]) -> None:
    fetch(data_set(), tmp_path / "log")

    assert web == ["https://example.org/ml.zip"]
    assert read_log(tmp_path / "log").interactions["item_id"].to_list() == ["307"]


def test_progress_counts_the_bytes(tmp_path: Path, web: list[str]) -> None:
    class Counting(Silent):
        done = 0

        def advance(self, done: int, *, loss: float | None = None) -> None:
            Counting.done += done

    fetch(data_set(), tmp_path / "log", progress=Counting())

    assert Counting.done == len(PACKED)


def test_an_address_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    url = "https://127.0.0.1:9/ml.zip"

    with pytest.raises(FetchError) as caught:
        fetch(data_set(url), tmp_path / "log")

    assert url in str(caught.value)
    assert "--from ml.zip" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_only_the_web_is_read(tmp_path: Path, packed: Path) -> None:
    with pytest.raises(FetchError, match="only https"):
        fetch(data_set(f"file://{packed}"), tmp_path / "log")


def test_a_download_without_end_is_cut(tmp_path: Path, web: list[str]) -> None:
    source = data_set().source
    assert isinstance(source, Archive)

    with pytest.raises(FetchError, match="more than 10 bytes"):
        download(source, tmp_path / "ml.zip", progress=Silent(), largest=10)


def test_an_archive_that_is_not_the_published_one(tmp_path: Path, packed: Path) -> None:
    packed.write_bytes(PACKED[:-1])

    with pytest.raises(FetchError, match=r"not the published archive: its sha256 is [0-9a-f]{64}, not"):
        fetch(data_set(), tmp_path / "log", archive=packed)
    with pytest.raises(FetchError, match=r"absent\.zip: cannot be read"):
        check(tmp_path / "absent.zip", Checksum("md5", ""))


def test_a_full_folder_is_refused_before_the_download(tmp_path: Path, packed: Path, web: list[str]) -> None:
    with pytest.raises(OutputError):
        fetch(data_set(), tmp_path)

    assert web == []


def test_nothing_but_the_named_files_is_unpacked(tmp_path: Path, packed: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()

    unpack(packed, ("ml/ratings.csv", "../evil.txt"), inner)

    assert sorted(path.name for path in inner.iterdir()) == ["evil.txt", "ratings.csv"]
    assert not (tmp_path / "evil.txt").exists()


def encrypted() -> bytes:
    content = bytearray(zipped({"ml/ratings.csv": ROWS}))
    # Bit 0 of the flags, in the local and in the central header, says that a file is encrypted.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "largest", "words"),
    [
        (b"no zip", 1000, "cannot be unpacked"),
        (PACKED[:60], 1000, "cannot be unpacked"),
        (zipped({"other.csv": ROWS}), 1000, "does not hold"),
        (zipped({"ml/ratings.csv": bytes(10_000_000)}), 1_000_000, "more than is plausible"),
        (encrypted(), 1000, "cannot be unpacked"),
    ],
    # The archives carry the time at which they were made: ids made of them would differ from worker to worker.
    ids=["no-archive", "cut", "without-the-file", "too-large", "encrypted"],
)
def test_archives_that_cannot_be_unpacked(tmp_path: Path, content: bytes, largest: int, words: str) -> None:
    path = tmp_path / "ml.zip"
    path.write_bytes(content)

    with pytest.raises(FetchError, match=words):
        unpack(path, ("ml/ratings.csv",), tmp_path, largest=largest)


def test_an_archive_damaged_inside(tmp_path: Path) -> None:
    content = bytearray(zipped({"ml/ratings.csv": ROWS * 100}))
    content[60:80] = bytes(20)
    path = tmp_path / "ml.zip"
    path.write_bytes(content)

    with pytest.raises(FetchError, match="cannot be unpacked"):
        unpack(path, ("ml/ratings.csv",), tmp_path)


def test_the_list_of_data_sets() -> None:
    assert list(DATA_SETS) == ["complete-journey"] + [
        f"movielens-{size}" for size in ("100k", "1m", "10m", "20m", "25m", "32m", "latest-small")
    ]
    for known in DATA_SETS.values():
        assert known.notice
        if isinstance(known.source, Archive):
            assert known.source.url.startswith("https://files.grouplens.org/datasets/movielens/ml-")
            length = {"sha256": 64, "md5": 32}[known.source.checksum.algorithm]
            assert len(bytes.fromhex(known.source.checksum.digest)) * 2 == length


def test_packages_take_no_archive(tmp_path: Path, packed: Path) -> None:
    with pytest.raises(FetchError, match="comes in an installed package"):
        fetch(DATA_SETS["complete-journey"], tmp_path / "log", archive=packed)
