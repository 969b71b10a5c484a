"""The program that runs one peer, as the benchmark starts it."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[3]


def run(*arguments):
    command = [sys.executable, "-m", "benchmarks.peers", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_names_all_peers_without_their_libraries():
    listed = json.loads(run("--list").stdout)
    assert listed["ease"] == {"seeded": False}
    assert listed["sasrec"] == {"seeded": True}


def test_it_writes_lists_and_what_they_took(folder, tmp_path):
    done = run("popularity", "--data", folder / "data", "--parts", '{"new": false}', "--k", 4, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    lists = pl.read_parquet(tmp_path / "new.parquet")
    assert lists.columns == ["customer_id", "rank", "item_id"]
    assert lists.group_by("customer_id").agg(pl.col("rank"))["rank"].to_list() == [[1, 2, 3, 4]] * 60
    took = json.loads((tmp_path / "fit.json").read_text())
    assert took["peak_memory_mb"] > 10
    assert took["versions"]["numpy"]


def test_a_peer_that_cannot_run_says_why_in_one_line(folder, tmp_path):
    done = run("magic", "--data", folder / "data", "--parts", "{}", "--out", tmp_path)
    assert done.returncode == 3
    assert "no peer 'magic'" in done.stderr
    assert "Traceback" not in done.stderr
