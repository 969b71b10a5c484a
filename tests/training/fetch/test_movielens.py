from pathlib import Path

import polars as pl
import pytest

from shortlist_training.errors import FetchError
from shortlist_training.fetch.movielens_100k import read_u_files
from shortlist_training.fetch.movielens_csv import read_csv_files
from shortlist_training.fetch.movielens_dat import read_dat_files
from shortlist_training.log import FeedbackKind, read_log
from shortlist_training.log.writing import write_log

LATIN = "Misérables, Les (1995)"
U_FILES = {
    "u.data": "196\t242\t3\t881250949\n186\t1\t4\t891717742\n196\t1\t5\t881250949\n",
    "u.item": (
        "1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|0|0|1\n"
        f"242|{LATIN}|24-Jan-1997||http://us.imdb.com/1|0|1|1\n"
        '267|unknown "x||||1|0|0\n'
    ),
    "u.genre": "unknown|0\nAction|1\nComedy|2\n\n",
    "u.user": "196|24|M|technician|85711\n186|53|F|other|T8H1N\n",
}
DAT_FILES = {
    "ratings.dat": "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n",
    "movies.dat": f"1193::{LATIN}::Drama\n661::James and the Giant Peach: Again (1996)::Animation|Children's\n",
    "users.dat": "1::F::1::10::48067\n2::M::56::16::02460\n",
}
CSV_FILES = {
    "ratings.csv": (
        "userId,movieId,rating,timestamp\n1,307,3.5,1256677221\n1,481,0.5,1256677456\n2,307,4.0,1192912987\n"
    ),
    "movies.csv": (
        'movieId,title,genres\n307,"American President, The (1995)",Comedy|Drama\n481,Untitled,(no genres listed)\n'
    ),
}


def lay_out(folder: Path, files: dict[str, str], encoding: str = "iso-8859-1") -> Path:
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def test_100k(tmp_path: Path) -> None:
    tables = read_u_files(lay_out(tmp_path, U_FILES))

    assert tables["interactions"].rows() == [
        ("196", "242", 3.0, 881250949),
        ("186", "1", 4.0, 891717742),
        ("196", "1", 5.0, 881250949),
    ]
    assert tables["items"].rows() == [
        ("1", "Toy Story (1995)", ["Comedy"], 1995, "01-Jan-1995"),
        ("242", LATIN, ["Action", "Comedy"], 1995, "24-Jan-1997"),
        ("267", 'unknown "x', [], None, None),
    ]
    assert tables["customers"].rows() == [("196", 24, "M", "technician", "85711"), ("186", 53, "F", "other", "T8H1N")]


def test_1m(tmp_path: Path) -> None:
    tables = read_dat_files(lay_out(tmp_path, DAT_FILES))

    assert tables["interactions"].rows()[0] == ("1", "1193", 5.0, 978300760)
    assert tables["interactions"].height == 3
    assert tables["items"].rows() == [
        ("1193", LATIN, ["Drama"], 1995),
        ("661", "James and the Giant Peach: Again (1996)", ["Animation", "Children's"], 1996),
    ]
    assert tables["customers"].rows() == [
        ("1", "F", "Under 18", "K-12 student", "48067"),
        ("2", "M", "56+", "self-employed", "02460"),
    ]


def test_10m_has_no_users_and_is_utf8(tmp_path: Path) -> None:
    files = {name: text for name, text in DAT_FILES.items() if name != "users.dat"}

    tables = read_dat_files(lay_out(tmp_path, files, "utf-8"), encoding="utf-8")

    assert set(tables) == {"interactions", "items"}
    assert tables["items"]["title"][0] == LATIN


def test_20m_and_later(tmp_path: Path) -> None:
    tables = read_csv_files(lay_out(tmp_path, CSV_FILES, "utf-8"))

    assert tables["interactions"].rows()[1] == ("1", "481", 0.5, 1256677456)
    assert tables["items"].rows() == [
        ("307", "American President, The (1995)", ["Comedy", "Drama"], 1995),
        ("481", "Untitled", [], None),
    ]


@pytest.mark.parametrize(
    ("read", "files"), [(read_u_files, U_FILES), (read_dat_files, DAT_FILES), (read_csv_files, CSV_FILES)]
)
def test_every_format_makes_a_log_of_the_contract(tmp_path: Path, read, files: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    tables = read(lay_out(tmp_path, files, "utf-8" if files is CSV_FILES else "iso-8859-1"))
    write_log(tmp_path / "log", tables, texts={})

    log = read_log(tmp_path / "log")

    assert dict(tables["interactions"].schema) == {
        "customer_id": pl.String,
        "item_id": pl.String,
        "rating": pl.Float32,
        "timestamp": pl.Int64,
    }
    assert log.feedback in (FeedbackKind.RATINGS, FeedbackKind.BOTH)
    assert log.columns["items"]["genres"].value == "categories"


@pytest.mark.parametrize(
    ("read", "files", "name", "text", "words"),
    [
        (read_dat_files, DAT_FILES, "ratings.dat", "1::1::5::9\n1::2\n", "ratings.dat, row 2: not as the format says"),
        (read_dat_files, DAT_FILES, "ratings.dat", "1::1::x::9\n", "ratings.dat, row 1"),
        (read_dat_files, DAT_FILES, "movies.dat", "1::Heat (1995)\n", "movies.dat, row 1"),
        (read_dat_files, DAT_FILES, "users.dat", "1::F::1::99::48067\n", "users.dat, row 1"),
        (read_u_files, U_FILES, "u.data", "1\t2\t3\n", "u.data: not as the format says: 3 columns where 4"),
        (read_u_files, U_FILES, "u.item", "1|Toy|x\n", "u.item: not as the format says"),
        (read_u_files, U_FILES, "u.user", "1|old|M|x|y\n", "u.user, row 1"),
        (read_csv_files, CSV_FILES, "ratings.csv", "a,b\n1,2\n", "ratings.csv: not as the format says"),
        (read_csv_files, CSV_FILES, "ratings.csv", "userId,movieId,rating,timestamp\n1,2,x,4\n", "ratings.csv: not as"),
        (read_csv_files, CSV_FILES, "movies.csv", "movieId,title,genres\n1,,Drama\n", "movies.csv, row 1"),
    ],
)
def test_files_of_another_form_are_refused(
    tmp_path: Path, read, files: dict[str, str], name: str, text: str, words: str
) -> None:  # type: ignore[no-untyped-def]
    folder = lay_out(tmp_path, files | {name: text})

    with pytest.raises(FetchError) as caught:
        read(folder)

    assert words in str(caught.value)
