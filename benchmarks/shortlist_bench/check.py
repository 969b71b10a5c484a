"""The gate against growing slow: ratios of one run beside those of a stored one. Times would tell of the machine.

    python -m shortlist_bench.check [--baseline FILE] [--write] [--repetitions N]

A ratio that is a quarter worse than stored fails the check. `--write` stores the ratios of this run instead.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shortlist_bench.serving import Plan, measure
from shortlist_bench.synthetic import Size, write_synthetic

BASELINE = Path(__file__).parent / "baseline.json"
WORSE = 1.25
ITEMS = 20_000


def ratios(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return what is compared, each of which is better the smaller it is."""
    engine, echo = figures["engine_cpu_ms"]["total"], figures["echo_cpu_ms"]
    batch = figures["engine_batch_cpu_ms"]
    return {
        "answer / (transport + engine)": figures["ratio_to_floor"],
        "engine / transport": engine / echo,
        "engine in batches of 8 / alone": batch["8"] / engine,
        "engine in large batches / alone": batch["256"] / engine,
        "customer of a batch / answer": figures["batch_cpu_ms_per_customer"] / figures["unary_cpu_ms"],
        "99th percentile / median of a lone caller": figures["p99_ms"] / figures["p50_ms"],
    }


def compare(now: Mapping[str, float], stored: Mapping[str, float]) -> list[str]:
    """Return a line for each ratio that is a quarter worse than stored, or is not stored at all."""
    missing = [f"{name}: {value:.2f} is not in the baseline" for name, value in now.items() if name not in stored]
    return missing + [
        f"{name}: {now[name]:.2f} where {stored[name]:.2f} was"
        for name in stored
        if name in now and now[name] > WORSE * stored[name]
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run the check and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repetitions", type=int, default=5)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as room:
        write_synthetic(Path(room), Size(items=given.items))
        plan = Plan(bundles=Path(room), seconds=given.seconds)
        found = ratios(measure(plan, given.repetitions, lambda line: print(line, file=sys.stderr)))
    if given.write:
        given.baseline.write_text(json.dumps(found, indent=2) + "\n")
        return 0
    stored = json.loads(given.baseline.read_text())
    for name, value in found.items():
        print(f"{name:45}{value:8.2f}{stored.get(name, float('nan')):8.2f}")
    problems = compare(found, stored)
    for problem in problems:
        print(f"worse: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
