"""Measure a served bundle: start-up, memory, latency of one caller, requests a second of one server process.

    python benchmarks/serving.py --bundles DIR [--seconds 5] [--k 50] [--json]

The server is a process of its own, started by the ordinary command. Latency is the client's round trip on loopback,
one call at a time. Throughput is a closed loop of several callers in a third process.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from shortlist_client import Client

WARM_UP = 50


def start(bundles: Path, *options: str) -> tuple[subprocess.Popen[str], str, float]:
    """Start `shortlist serve` and return the process, its address, and seconds until it announced itself."""
    command = [str(Path(sys.executable).with_name("shortlist")), "serve", "--bundles", str(bundles), "--port", "0",
               "--clock", "log_end", "--json", *options]  # fmt: skip
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    seconds = time.perf_counter() - begin
    announced = json.loads(line)
    return process, f"127.0.0.1:{announced['port']}", seconds


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process in MB, from /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("no VmRSS")


def processor_seconds(pid: int) -> float:
    """Return user and system seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def customer_ids(bundles: Path) -> list[str]:
    """Return the ids of the bundle's customers."""
    from shortlist_bundle.files import open_bundle
    from shortlist_bundle.vocabulary import Vocabulary

    vocabulary = Vocabulary.from_arrays(open_bundle(bundles).arrays("customers/vocabulary"))
    return vocabulary.ids(range(1, len(vocabulary)))


def latency(address: str, ids: list[str], k: int, seconds: float, **wanted: object) -> dict[str, float]:
    """Return percentiles in milliseconds of one caller, one call at a time."""
    with Client(address, timeout=5.0) as client:
        for one in ids[:WARM_UP]:
            client.recommend(one, k=k, **wanted)
        spent, end = [], time.perf_counter() + seconds
        while time.perf_counter() < end:
            begin = time.perf_counter()
            client.recommend(ids[len(spent) % len(ids)], k=k, **wanted)
            spent.append(1000 * (time.perf_counter() - begin))
    return {"p50_ms": float(np.percentile(spent, 50)), "p99_ms": float(np.percentile(spent, 99)), "calls": len(spent)}


def throughput(address: str, ids: list[str], k: int, seconds: float, callers: int, **wanted: object) -> float:
    """Return answered requests a second of a closed loop of callers."""
    answered = [0] * callers
    end = time.perf_counter() + seconds

    def call(number: int) -> None:
        with Client(address, timeout=5.0) as client:
            while time.perf_counter() < end:
                client.recommend(ids[(answered[number] * callers + number) % len(ids)], k=k, **wanted)
                answered[number] += 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / (time.perf_counter() - begin)


def measure(bundles: Path, k: int, seconds: float, callers: int) -> dict[str, object]:
    """Return all figures of one run."""
    ids = list(np.random.default_rng(0).permutation(customer_ids(bundles)))
    ids = [str(one) for one in ids]
    process, address, start_seconds = start(bundles)
    try:
        figures: dict[str, object] = {"start_seconds": start_seconds}
        for name, wanted in (("all sources", {}), ("two-tower alone", {"sources": {"two_tower": 1.0}})):
            alone = latency(address, ids, k, seconds, **wanted)
            before, begin = processor_seconds(process.pid), time.perf_counter()
            rate = throughput(address, ids, k, seconds, callers, **wanted)
            spent = processor_seconds(process.pid) - before
            answered = rate * (time.perf_counter() - begin)
            figures[name] = {**alone, "requests_per_second": rate, "server_cpu_ms": 1000 * spent / answered}
        figures["resident_mb"] = resident_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
    figures["bundle_mb"] = sum(file.stat().st_size for file in (bundles / "default").rglob("*.*")) / 1e6
    figures["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return figures


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=Path, required=True)
    parser.add_argument("--k", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--callers", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    runs = [measure(given.bundles, given.k, given.seconds, given.callers) for _ in range(given.repeat)]
    if given.json:
        print(json.dumps(runs))
        return
    for key in ("start_seconds", "resident_mb", "bundle_mb"):
        print(f"{key:32} {np.median([run[key] for run in runs]):10.2f}")
    for name in ("all sources", "two-tower alone"):
        for key in ("p50_ms", "p99_ms", "requests_per_second", "server_cpu_ms"):
            print(f"{name + ', ' + key:32} {np.median([run[name][key] for run in runs]):10.2f}")
    print(f"medians of {len(runs)} runs on {runs[0]['machine']}")


if __name__ == "__main__":
    main()
