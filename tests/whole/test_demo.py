"""`shortlist demo` as a person runs it, on a log small enough to train on in seconds."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytestmark = pytest.mark.slow

SHORTLIST = Path(sys.executable).with_name("shortlist")
CUSTOMERS, ITEMS, DAYS = 120, 30, 360
QUICK = """
[two_tower]
rounds = 1
embedding_size = 8
[embedding]
rounds = 1
embedding_size = 8
[scorer]
rounds = 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log in which each customer comes back for a few items of their own."""
    random = np.random.default_rng(0)
    own = random.integers(0, ITEMS, (CUSTOMERS, 5))
    rows = [
        (f"c{customer}", f"i{random.choice(own[customer])}", float(day * 86_400), f"o{customer}-{day}")
        for customer in range(CUSTOMERS)
        for day in np.sort(random.integers(0, DAYS, 40))
    ]
    folder = tmp_path_factory.mktemp("log")
    columns = ["customer_id", "item_id", "timestamp", "order_id"]
    pl.DataFrame(rows, schema=columns, orient="row").sort("timestamp").write_parquet(folder / "interactions.parquet")
    items = {"item_id": [f"i{n}" for n in range(ITEMS)], "title": [f"Thing {n}" for n in range(ITEMS)]}
    pl.DataFrame({**items, "colour": ["red", "blue", "green"] * 10}).write_parquet(folder / "items.parquet")
    ages = {"customer_id": [f"c{n}" for n in range(60)], "age": ["young", "old", "old"] * 20}
    pl.DataFrame(ages).write_csv(folder / "customers.csv")
    (folder / "shortlist.toml").write_text(QUICK)
    return folder


def start(*arguments, **variables):
    command = [SHORTLIST, "demo", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **variables}
    )


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def port_of(text):
    return int(re.findall(r"^serving on 127\.0\.0\.1:(\d+)", text, re.MULTILINE)[0])


def test_from_a_log_to_three_answers(folder, tmp_path):
    process = start("--data", folder, "--out", tmp_path / "out")
    said, problems = process.communicate(timeout=300)

    assert process.returncode == 0, problems
    for words in (
        "1. A customer the log knows",
        "2. A customer nobody has seen",
        "is: age old",
        "3. Items similar to Thing",
        "cold_start:features+history",
        "Shortlist: all sources, reranked",
        "the customer's own past",
        "item-based CF",
        "popularity of late",
        "the server is stopped",
        "What next",
    ):
        assert words in said, said
    assert re.search(r"\btaken (once|twice|\d+ times)\b", said), said
    assert said.count("answered in") == 3
    assert "two-tower" in problems
    assert not listens(port_of(said))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_a_kept_server_ends_with_the_demo(folder, tmp_path, number, code):
    process = start("--data", folder, "--out", tmp_path / "out", "--keep-serving")
    said = ""
    while "until Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        said += line
    assert listens(port_of(said))
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == code
    assert not listens(port_of(said))


def test_a_folder_without_a_log_ends_with_what_to_do(tmp_path):
    process = start("--data", tmp_path, "--out", tmp_path / "out")
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 2
    assert problems.splitlines()[-1].startswith("error: ")
    assert "interactions.parquet or interactions.csv" in problems
