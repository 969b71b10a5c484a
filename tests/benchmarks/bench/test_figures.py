"""Figures of runs: medians, text, and the comparison with stored ratios."""

import os

import pytest

from shortlist_bench.check import compare, ratios
from shortlist_bench.medians import medians
from shortlist_bench.processor import private_megabytes, processor_seconds, resident_megabytes
from shortlist_bench.table import shown


def test_the_median_is_taken_of_every_number_however_deep_it_lies():
    runs = [{"a": n, "b": {"c": [n, 2 * n]}, "index": "PQ"} for n in (1.0, 5.0, 3.0)]
    assert medians(runs) == {"a": 3.0, "b": {"c": [3.0, 6.0]}, "index": "PQ"}


def test_every_figure_is_shown_under_its_group():
    machine = {"cores": 2, "memory_gb": 4.0, "machine": "x86_64", "python": "3.11"}
    lines = shown({"qps": 1234.5, "engine_cpu_ms": {"total": 0.25}, "private_mb": [1.0, 2.0]}, machine).splitlines()
    assert lines[0] == "2 cores, 4.0 GB, x86_64, Python 3.11"
    assert [line.split() for line in lines[1:]] == [
        ["qps", "1,234.500"],
        ["engine_cpu_ms"],
        ["total", "0.250"],
        ["private_mb", "1.000", "2.000"],
    ]


def figures(unary=1.0):
    return {
        "echo_cpu_ms": 0.25, "engine_cpu_ms": {"total": 0.5, "encode": 0.1}, "ratio_to_floor": unary / 0.75,
        "engine_batch_cpu_ms": {"8": 0.3, "256": 0.2}, "batch_cpu_ms_per_customer": 0.3, "unary_cpu_ms": unary,
        "p50_ms": 1.5, "p99_ms": 3.0,
    }  # fmt: skip


def test_a_ratio_that_is_a_quarter_worse_is_told_and_nothing_else():
    stored = ratios(figures())
    assert compare(stored, stored) == []
    assert compare(ratios(figures(1.24)), stored) == []
    (problem,) = compare(ratios(figures(1.26)), stored)
    assert problem == "answer / (transport + engine): 1.68 where 1.33 was"
    assert compare({**stored, "new": 1.0}, stored) == ["new: 1.00 is not in the baseline"]


def test_ratios_say_nothing_of_the_machine():
    slower = {**figures(), "echo_cpu_ms": 0.5, "engine_cpu_ms": {"total": 1.0}, "unary_cpu_ms": 2.0}
    slower |= {"engine_batch_cpu_ms": {"8": 0.6, "256": 0.4}, "batch_cpu_ms_per_customer": 0.6, "p50_ms": 3.0}
    slower |= {"p99_ms": 6.0}
    assert ratios(slower) == pytest.approx(ratios(figures()))


def test_what_a_process_has_used_is_counted_from_its_threads():
    before = processor_seconds(os.getpid())
    sum(number * number for number in range(2_000_000))
    assert 0.005 < processor_seconds(os.getpid()) - before < 60
    assert 5 < private_megabytes(os.getpid()) <= resident_megabytes(os.getpid())
